import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './root.js'

const script = join(root, 'scripts', 'peers', 'install.mjs')

type Line<T> = (T & { ok: true }) | { ok: false; reason: string }

/**
 * Where a peer is, installed where it may be, with whatever else its installer tells.
 * Throws with the installer's own reason when it cannot be had.
 */
export async function installedPeer<T extends object>(name: string): Promise<T> {
  const options = { timeout: 900_000 }
  const { stdout } = await promisify(execFile)(process.execPath, [script, name], options).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const line: Line<T> = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  if (!line.ok) throw new Error(line.reason)
  return line
}

/** The virtual environment of a Python peer; otherwise as `installedPeer`. */
export const pythonPeer = (name: string) => installedPeer<{ python: string; dir: string }>(name)
