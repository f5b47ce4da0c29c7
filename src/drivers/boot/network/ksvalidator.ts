/** The judgement of pykickstart, where it is installed (`pxe_utils.validate_kickstart_file`). */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InvalidKickstartFile } from '../../../netboot/kickstart/errors.js'
import type { Task } from '../../interfaces.js'

const run = promisify(execFile)
const longestMs = 60_000

/**
 * @param text a kickstart file, without secrets
 * @throws InvalidKickstartFile with what `ksvalidator` said
 */
export async function validateKickstart(task: Task, text: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'ferric-kickstart-'))
  try {
    const path = join(dir, 'ks.cfg')
    await writeFile(path, text, { mode: 0o600 })
    const signal = AbortSignal.any([task.signal, AbortSignal.timeout(longestMs)])
    await run('ksvalidator', [path], { signal, killSignal: 'SIGKILL' })
  } catch (error) {
    task.signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent(task)
    throw new InvalidKickstartFile(
      `The kickstart file generated does not pass validation. The ksvalidator tool returned the following error: ${saidBy(error)}`,
      error,
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const absent = ({ ctx, node }: Task): void =>
  ctx.log.boot.info(
    { node: node.uuid },
    'the kickstart file is not validated: there is no ksvalidator (package pykickstart)',
  )

function saidBy(error: unknown): string {
  const { name, stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string }
  if (name === 'AbortError') return `it did not end within ${longestMs / 1000} s`
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim()
  return (said || message).slice(-2000)
}
