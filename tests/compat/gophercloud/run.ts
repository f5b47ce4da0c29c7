// One compiled package of Go tests, run to its end.
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installedPeer } from '../../_util/peers/installed.js'

/** What became of a test and what it said, by `package.Test`. */
export type Outcomes = Record<string, { outcome: string; said: string }>

type Ran = { stdout: string; stderr: string }

/** A failed test makes the program fail, so only its words count. */
function output(file: string, env: Record<string, string>): Promise<Ran> {
  const args = ['-test.v', '-test.timeout', '120s', '-test.count', '1']
  const options = { env: { ...process.env, OS_BRANCH: 'master', ...env }, cwd: tmpdir() }
  const bounds = { timeout: 150_000, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(file, args, { ...options, ...bounds }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr })
    })
  })
}

/** Runs a package's tests with the variables they read; throws when it ran none. */
export async function runGoTests(name: string, env: Record<string, string>): Promise<Outcomes> {
  const { dir } = await installedPeer<{ dir: string }>('gophercloud')
  const { stdout, stderr } = await output(join(dir, name), env)
  const outcomes: Outcomes = {}
  for (const part of stdout.split(/^=== RUN\s+/m).slice(1)) {
    const [, test = '', outcome = ''] = /^--- (?:PASS|FAIL|SKIP): (\S+)/m.test(part)
      ? (/^(\S+)[^]*?^--- (PASS|FAIL|SKIP)/m.exec(part) ?? [])
      : [undefined, part.split(/\s/)[0], 'CUT OFF']
    outcomes[`${name}.${test}`] = { outcome, said: part.slice(-2000) }
  }
  if (Object.keys(outcomes).length === 0)
    throw new Error(`${name} ran no test:\n${stdout}${stderr}`)
  return outcomes
}
