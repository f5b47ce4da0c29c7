// `npm run rack [-- WORDS…]`: machines that really boot, in a network namespace of their own (tests/rack).
// Needs root on Debian: it installs QEMU and its companions, builds the images once (kept with the peers), and runs
// the scenarios whose names contain one of the words; all of them without words, those of CI with --ci.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { ensureBuilt } from './build.mjs'
import { PeerError } from './peers/cache.mjs'
import { install } from './peers/install.mjs'
import { rackImages } from './peers/rack.mjs'

const root = dirname(import.meta.dirname)
const outfile = join(root, 'dist', 'rack.mjs')

async function bundle() {
  await build({
    entryPoints: [join(root, 'tests', 'rack', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
    logLevel: 'warning',
  })
}

/** In namespaces of its own nothing of the rack can leak: its end is the end of every process and device in it. */
function run(args) {
  const alone = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const command = [...alone, process.execPath, '--enable-source-maps', outfile, ...args]
  const child = spawn('unshare', command, { cwd: root, stdio: 'inherit' })
  // unshare is deaf to them.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGKILL'))
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

async function main() {
  const images = await rackImages()
  await install('clients')
  await install('libvirt')
  const { python } = await install('redfish-emulator')
  await ensureBuilt()
  await bundle()
  const dir = mkdtempSync(join(tmpdir(), 'ferric-rack-'))
  try {
    process.exitCode = await run([
      ...['--dir', dir, '--images', images, '--redfish-python', python],
      ...process.argv.slice(2),
    ])
  } finally {
    if (process.env.FERRIC_KEEP) process.stdout.write(`files of this run: ${dir}\n`)
    else rmSync(dir, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof PeerError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
