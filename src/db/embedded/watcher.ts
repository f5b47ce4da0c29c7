/**
 * Ends the server when its last user is gone, also when that was killed. Every process with the database open holds
 * a FIFO open for writing. A shell reads from it; the read ends when the kernel has closed the last writer, and the
 * shell then asks the server for a fast shutdown.
 */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../clock.js'
import { giveTo, type Account } from './account.js'
import type { Layout } from './layout.js'

/**
 * $1: the FIFO. $2: the server's pid file, which a server that is just starting has not written yet. $3 holds the name
 * of the watcher in charge, and $4 is this one's name: a server that was started later is not this one's to end.
 */
const script = `
exec <"$1"
while read -r _; do :; done
exec </dev/null
tries=50
while [ $tries -gt 0 ] && [ "$(cat "$3")" = "$4" ]; do
  pid=$(head -n 1 "$2" 2>/dev/null)
  if [ -n "$pid" ] && { [ ! -d /proc/self ] || [ "$(cat "/proc/$pid/comm")" = postgres ]; }; then
    kill -INT "$pid" && exit 0
  fi
  tries=$((tries - 1))
  sleep 0.1
done`

const readerTimeoutMs = 5_000
const pollMs = 10

/** This process's place among the users of the server. */
export class Registration {
  readonly #writer: number
  constructor(writer: number) {
    this.#writer = writer
  }

  /** Whether a watcher still reads; one that was about to leave when this process came may be gone. */
  isWatched(): boolean {
    try {
      writeSync(this.#writer, '\n')
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false
      throw error
    }
  }

  close(): void {
    closeSync(this.#writer)
  }
}

/**
 * Registers this process as a user of the server, and starts the watcher unless one waits already.
 * @returns the registration; the kernel closes that of a process that dies
 * @throws Error when the FIFO cannot be made
 */
export async function registerUser(
  layout: Layout,
  account: Account | null,
  clock: Clock,
): Promise<Registration> {
  await ensureFifo(layout.users, account)
  const existing = openWriter(layout.users)
  if (existing !== null) return new Registration(existing)
  await startWatcher(layout, account)
  const deadline = clock.now().getTime() + readerTimeoutMs
  for (;;) {
    const writer = openWriter(layout.users)
    if (writer !== null) return new Registration(writer)
    if (clock.now().getTime() > deadline)
      throw new Error(`no shell reads from ${layout.users}, so nothing would end the server`)
    await clock.sleep(pollMs)
  }
}

async function ensureFifo(path: string, account: Account | null): Promise<void> {
  const existing = await stat(path).catch(() => null)
  if (existing?.isFIFO() === true) return
  await promisify(execFile)('mkfifo', ['-m', '600', path])
  await giveTo(account, path)
}

/** Null where no watcher has the FIFO open. */
function openWriter(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return null
    throw error
  }
}

async function startWatcher(layout: Layout, account: Account | null): Promise<void> {
  const pidFile = join(layout.data, 'postmaster.pid')
  const name = randomUUID()
  await writeFile(layout.watcher, name, { mode: 0o600 })
  await giveTo(account, layout.watcher)
  const words = ['ferric-watcher', layout.users, pidFile, layout.watcher, name]
  const child = spawn('/bin/sh', ['-c', script, ...words], {
    cwd: layout.base,
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  })
  // Without a shell the wait for a reader ends with an error of its own.
  child.once('error', () => undefined)
  child.unref()
}
