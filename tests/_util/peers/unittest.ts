// Python test modules, run by a peer's Python to a report of what became of each test.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** `passed`, `failed` or `skipped` by test id, and why where it did not pass. */
export type Report = { outcomes: Record<string, string>; reasons: Record<string, string> }

/** What runs the modules: a Python, and `run_unittest.py` or a script that ends in it. */
export type Runner = {
  python: string
  script?: string
  env: Record<string, string>
  cwd?: string
  timeoutMs: number
}

/** Runs the modules one after another. Throws when the runner itself fails or takes too long. */
export async function runUnittest(runner: Runner, modules: readonly string[]): Promise<Report> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-unittest-'))
  try {
    const out = join(dir, 'report.json')
    const script = runner.script ?? join(import.meta.dirname, 'run_unittest.py')
    const env = { ...process.env, ...runner.env }
    const bounds = { timeout: runner.timeoutMs, maxBuffer: 256 * 1024 * 1024 }
    const options = { env, cwd: runner.cwd ?? dir, ...bounds }
    await promisify(execFile)(runner.python, [script, out, ...modules], options)
    return JSON.parse(readFileSync(out, 'utf8'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
