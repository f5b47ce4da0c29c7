/**
 * One process fetches an image, others wait. Losing the lock to an error of judgement would cost
 * a second download and nothing else: what is finished is renamed into place whole.
 */
import { open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.js'
import { ownName } from './layout.js'

const beatMs = 5_000
const staleMs = 30_000
const pollMs = 200

/**
 * Waits for the lock and takes it.
 * @returns what gives it back
 */
export async function lockFile(
  dir: string,
  name: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const path = join(dir, `${name}.lock`)
  while (!(await take(path))) {
    if (await isStale(path)) await removeStale(path, join(dir, `${ownName()}.stale`))
    else await clock.sleep(pollMs, signal)
  }
  signal.throwIfAborted()
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => clearInterval(beat))
  }, beatMs)
  beat.unref()
  return async () => {
    clearInterval(beat)
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The file system's time and this machine's are the same clock, or close enough. */
async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** Moved first, so that of two who find it stale one gets it. */
async function removeStale(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside)
    await rm(aside, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
