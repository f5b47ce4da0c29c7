import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Processes of the sandbox load a bundle, also in tests that run everything else from `src/`. */
export function setup(): void {
  const script = join(import.meta.dirname, '../../scripts/build.mjs')
  execFileSync(process.execPath, [script, 'sandbox'], { stdio: 'inherit' })
}
