// Bundles tests/bench (TypeScript) and runs it with the arguments given: see tests/bench/main.ts.
// The name of another script there (see the list below) as the first argument runs that script instead. `bmc` counts
// packets and processes, so it runs where there are no others: in namespaces of its own, which only root may make.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { ensureBuilt } from './build.mjs'

const named = 'starvation memory auth lists bmc cpu verbs heartbeats power-sync netboot agents'
  .split(' ')
  .find((name) => name === process.argv[2])
const root = dirname(import.meta.dirname)
const outfile = join(root, 'dist', 'bench.mjs')
await ensureBuilt()
await build({
  entryPoints: [join(root, 'tests', 'bench', `${named ?? 'main'}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  packages: 'external',
  logLevel: 'warning',
})
const alone = 'ip link set lo up && exec "$0" "$@"'
const inside = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', alone]
const [file, ...args] = [
  ...(named === 'bmc' ? ['unshare', ...inside] : []),
  process.execPath,
  outfile,
]
const child = spawn(file, [...args, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
