// Where peers live and how a program is run while one is installed. Nothing here knows a peer by name.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The folder peers are installed under; `FERRIC_PEERS` moves it. */
export const cacheDir = process.env.FERRIC_PEERS ?? join(homedir(), '.cache', 'ferric-peers')

/** A reason a person can act on; the caller prints it as it is. */
export class PeerError extends Error {
  name = 'PeerError'
}

/**
 * Runs a program to its end and returns its standard output.
 * Throws PeerError with the last lines of what it said when it fails or takes too long.
 */
export async function sh(file, args, { env = {}, timeoutMs = 600_000 } = {}) {
  const options = {
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  }
  try {
    return (await run(file, args, options)).stdout
  } catch (error) {
    const said = `${error.stderr ?? ''}\n${error.stdout ?? ''}`
      .trim()
      .split('\n')
      .slice(-8)
      .join('\n')
    const why = error.killed ? `did not end within ${timeoutMs / 1000} s` : `failed`
    throw new PeerError(`${file} ${args.join(' ')} ${why}:\n${said || error.message}`)
  }
}

/** True when the program exists and accepts the arguments. */
export async function works(file, args) {
  try {
    await run(file, args, { timeout: 60_000 })
    return true
  } catch {
    return false
  }
}

function holderLives(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

async function acquire(lock, deadline) {
  for (;;) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (Date.now() > deadline) throw new PeerError(`${lock} is held by another installation`)
      await sleep(500)
      if (existsSync(join(lock, 'pid')) && !holderLives(lock)) rmSync(lock, { recursive: true })
    }
  }
}

/** Runs `body` while no other process installs the same thing; waits ten minutes at most. */
export async function locked(name, body) {
  mkdirSync(cacheDir, { recursive: true })
  const lock = join(cacheDir, `.${name}.lock`)
  await acquire(lock, Date.now() + 600_000)
  try {
    return await body()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
