/** `tgtd`, the iSCSI target in user space that the deploy ramdisks of 2015 ran. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Tgt {
  readonly port: number
  readonly iqn: string
  stop(): Promise<void>
}

async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Serves a file as LUN 1 of a target. */
export async function startTgt(file: string, iqn: string, host = '127.0.0.1'): Promise<Tgt> {
  const dir = await mkdtemp(join(tmpdir(), 'ferric-tgt-'))
  const port = await freePort(host)
  const env = { ...process.env, TGT_IPC_SOCKET: join(dir, 'socket') }
  const control = String((port % 30_000) + 1)
  const child = spawn(
    '/usr/sbin/tgtd',
    ['-f', '-C', control, '--iscsi', `portal=${host}:${port}`],
    { env, stdio: 'ignore' },
  )
  const admin = (...args: string[]) =>
    execFileSync('/usr/sbin/tgtadm', ['-C', control, '--lld', 'iscsi', ...args], {
      env,
      stdio: 'pipe',
    })
  const stop = async () => {
    await ended(child)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await ready(() => admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', iqn))
    // prettier-ignore
    admin('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', file)
    admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL')
  } catch (error) {
    await stop()
    throw error
  }
  return { port, iqn, stop }
}

async function ready(attempt: () => unknown): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      attempt()
      return
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
