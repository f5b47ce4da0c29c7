import { randomUUID } from 'node:crypto'
import { link, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/**
 * Keeps a second process off a directory. The lock is a file beside the directory that names its holder. A holder on this host is live while its process runs. A holder on another
 * host (a shared volume, a container with a new name) is live while it renews the file.
 */
interface Holder {
  readonly token: string
  readonly pid: number
  readonly host: string
  /** When the process started, so that a later process with the same pid is not taken for it. */
  readonly started: string
}

export interface DirectoryLock {
  release(): Promise<void>
}

export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
  readonly holder: string
  constructor(directory: string, holder: string) {
    super(`${directory} is in use by ${holder}. Stop it first.`)
    this.holder = holder
  }
}

const renewMs = 5_000
const staleMs = 30_000
const attempts = 3
const heldHere = new Set<string>()

interface ProcessStat {
  /** Field 3 of proc_pid_stat(5), one letter. */
  readonly state: string
  /** Field 22: when the process started. */
  readonly started: string
}

/** Reads `/proc/<pid>/stat`; both members are empty where there is no /proc. */
async function statOf(pid: number): Promise<ProcessStat> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', started: fields[19] ?? '' }
}

/** A zombie (Z) has ended and waits for its parent to collect the exit code; X is the last moment after. */
const deadStates = new Set(['Z', 'X'])

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  try {
    return JSON.parse(text) as Holder
  } catch {
    // The file is missing, or its writer died before it was complete.
    return undefined
  }
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isLive(holder: Holder, path: string): Promise<boolean> {
  if (heldHere.has(path)) return true
  if (holder.host !== hostname()) {
    const { mtimeMs } = await stat(path)
    return Date.now() - mtimeMs < staleMs
  }
  if (holder.pid === process.pid || !pidExists(holder.pid)) return false
  const { state, started } = await statOf(holder.pid)
  return holder.started === started && !deadStates.has(state)
}

/** Creates the file with its content in one step; false when it exists. */
async function claim(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`
  await writeFile(draft, JSON.stringify(holder))
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

/** Removes a dead holder's file, and restores the file if a live process replaced it meanwhile. */
async function removeStale(path: string, stale: Holder | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const taken = await readHolder(aside)
  if (taken && taken.token !== stale?.token) await link(aside, path)
  await unlink(aside)
}

function hold(path: string, token: string): DirectoryLock {
  heldHere.add(path)
  const timer = setInterval(() => {
    // The lock looks stale only after six renewals have failed in a row.
    utimes(path, new Date(), new Date()).catch(() => undefined)
  }, renewMs).unref()
  return {
    release: async () => {
      clearInterval(timer)
      if (!heldHere.delete(path)) return
      const holder = await readHolder(path)
      if (holder?.token === token) await unlink(path)
    },
  }
}

/**
 * Locks a directory with `<directory>.lock`.
 * @throws DirectoryInUse with the live process that holds the lock
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = `${directory}.lock`
  const me = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started: (await statOf(process.pid)).started,
  }
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await claim(path, me)) return hold(path, me.token)
    const holder = await readHolder(path)
    if (holder && (await isLive(holder, path))) {
      throw new DirectoryInUse(directory, `process ${holder.pid} on ${holder.host}`)
    }
    await removeStale(path, holder)
  }
  throw new Error(`Cannot lock ${directory}: other processes keep taking ${path}`)
}
