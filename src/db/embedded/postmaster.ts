/** The server's process: whether one runs, starting one, and waiting until it takes connections. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.js'
import { giveTo, type Account } from './account.js'
import type { Binaries } from './binaries.js'
import { socketPath, type Layout } from './layout.js'
import { serverArguments } from './settings.js'

/** Recovery after a power cut reads up to `max_wal_size` of log. */
const startTimeoutMs = 300_000
const pollMs = 20
const tailBytes = 4_096

/** The lines of `postmaster.pid` (PostgreSQL, src/include/utils/pidfile.h): the first and the last are used. */
interface Postmaster {
  readonly pid: number
  readonly ready: boolean
}

const pidFile = ({ data }: Layout) => join(data, 'postmaster.pid')

async function pidLines(layout: Layout): Promise<string[]> {
  const text = await readFile(pidFile(layout), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n')
}

/** Returns the server that runs on the data directory, or null. */
export async function runningPostmaster(layout: Layout): Promise<Postmaster | null> {
  const lines = await pidLines(layout)
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !(await isPostgres(pid))) return null
  return { pid, ready: lines[7]?.trim() === 'ready' }
}

/** A pid in a file that outlived a power cut may be another program's by now. */
async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  if (process.platform !== 'linux') return true
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^\d+ \(postgres\) [^ZX]/.test(stat)
}

/**
 * Takes the pid of a server that died out of its files. PostgreSQL refuses to start while any process of its account
 * has that pid, which may be a zombie or another program after a reboot. It passes over the pid of its parent; the
 * rest of the file stays, because PostgreSQL looks there for what the dead server's processes still hold.
 */
async function disownDeadServer(layout: Layout, account: Account | null): Promise<void> {
  await rm(`${socketPath(layout)}.lock`, { force: true })
  const [pid = '', ...rest] = await pidLines(layout)
  if (pid === '') return
  const draft = `${pidFile(layout)}.ferric`
  await writeFile(draft, [process.pid, ...rest].join('\n'), { mode: 0o600 })
  await giveTo(account, draft)
  await rename(draft, pidFile(layout))
}

export interface StartOptions {
  readonly binaries: Binaries
  readonly account: Account | null
  readonly port: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly overrides?: Readonly<Record<string, string>>
}

/**
 * Starts the server and waits until it takes connections. It is in a session of its own, so that Ctrl-C in the
 * terminal reaches Ferric alone, which closes its connections first. The caller has made sure that none runs.
 * @throws Error with the last lines that the server printed
 */
export async function startPostmaster(layout: Layout, options: StartOptions): Promise<void> {
  await disownDeadServer(layout, options.account)
  const log = openSync(layout.log, 'w', 0o600)
  let child: ChildProcess
  try {
    await giveTo(options.account, layout.log)
    await chmod(layout.log, 0o600)
    child = spawn(
      join(options.binaries.directory, 'postgres'),
      serverArguments(layout, { ...options, major: options.binaries.major }),
      {
        cwd: layout.base,
        detached: true,
        stdio: ['ignore', log, log],
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        ...(options.account === null ? {} : { uid: options.account.uid, gid: options.account.gid }),
      },
    )
  } finally {
    closeSync(log)
  }
  child.unref()
  await untilReady(layout, child, options)
}

async function untilReady(
  layout: Layout,
  child: ChildProcess,
  { clock, signal }: StartOptions,
): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const deadline = clock.now().getTime() + startTimeoutMs
  while (!(await isReady(layout, child))) {
    const ended = child.exitCode !== null || child.signalCode !== null
    if (failure !== undefined || ended) throw await startError(layout, failure)
    if (clock.now().getTime() > deadline) {
      child.kill('SIGINT')
      throw await startError(layout, new Error(`not ready after ${startTimeoutMs / 1000} s`))
    }
    await clock.sleep(pollMs, signal)
  }
}

async function isReady(layout: Layout, child: ChildProcess): Promise<boolean> {
  const running = await runningPostmaster(layout)
  return running?.ready === true && running.pid === child.pid
}

async function startError(layout: Layout, cause: Error | undefined): Promise<Error> {
  const text = await tailOf(layout.log)
  const reason = cause === undefined ? '' : `: ${cause.message}`
  return new Error(`The embedded PostgreSQL did not start${reason}. It printed:\n${text}`, {
    cause,
  })
}

/** Returns the end of a log file. */
export async function tailOf(path: string): Promise<string> {
  await using file = await open(path)
  const { size } = await file.stat()
  const length = Math.min(size, tailBytes)
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
  return buffer.toString('utf8').trim()
}

/**
 * Waits until no server runs on the data directory.
 * @returns false when one still runs after `ms` milliseconds
 */
export async function untilStopped(layout: Layout, clock: Clock, ms: number): Promise<boolean> {
  const deadline = clock.now().getTime() + ms
  while ((await runningPostmaster(layout)) !== null) {
    if (clock.now().getTime() > deadline) return false
    await clock.sleep(pollMs)
  }
  return true
}

/** Asks for a fast shutdown: open transactions are rolled back, and a checkpoint is written. */
export async function stopPostmaster(layout: Layout): Promise<void> {
  const running = await runningPostmaster(layout)
  if (running !== null) process.kill(running.pid, 'SIGINT')
}
