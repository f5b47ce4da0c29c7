import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './root.js'

const script = join(root, 'scripts', 'peers', 'install.mjs')

type Line = { ok: true; python: string; dir: string } | { ok: false; reason: string }

function lastLine(stdout: string): Line {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/**
 * The virtual environment of a Python peer, installed where it may be.
 * Throws with the installer's own reason when it cannot be had.
 */
export async function pythonPeer(name: string): Promise<{ python: string; dir: string }> {
  const options = { timeout: 900_000 }
  const { stdout } = await promisify(execFile)(process.execPath, [script, name], options).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const line = lastLine(stdout)
  if (!line.ok) throw new Error(line.reason)
  return line
}
