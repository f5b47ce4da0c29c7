// Bundles tests/bench (TypeScript) and runs it with the arguments given: see tests/bench/main.ts.
// `starvation`, `memory`, `auth` or `lists` as the first argument runs that script instead.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { ensureBuilt } from './build.mjs'

const named = ['starvation', 'memory', 'auth', 'lists'].find((name) => name === process.argv[2])
const root = dirname(import.meta.dirname)
const outfile = join(root, 'dist', 'bench.mjs')
await ensureBuilt()
await build({
  entryPoints: [join(root, 'tests', 'bench', `${named ?? 'main'}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
})
const child = spawn(process.execPath, [outfile, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
