/**
 * `npm run dev`: serves Ferric from `src/` and restarts it after each change. State lives in an embedded database of its
 * own in `.dev/`; remove that folder to begin with an empty one. Arguments go to `ferric serve`.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleOptions, ensureSandboxBuilt } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = join(root, '.dev/main.js')
/** What a process gets to finish its requests before it is killed, in milliseconds. */
const graceMs = 5_000

let server = null
let isEnding = false

function start() {
  const debug = process.env.FERRIC_INSPECT === '1' ? ['--inspect'] : []
  const settings = { state_path: join(root, '.dev/state'), auth_strategy: 'noauth' }
  const own = Object.entries(settings).flatMap(([name, value]) => [
    '--set',
    `DEFAULT.${name}=${value}`,
  ])
  const args = [
    '--enable-source-maps',
    ...debug,
    outfile,
    'serve',
    ...own,
    ...process.argv.slice(2),
  ]
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  server = { child, ended: new Promise((resolve) => child.once('exit', resolve)) }
}

async function stop() {
  if (server === null) return
  const { child, ended } = server
  server = null
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}

let restarting = Promise.resolve()

async function startAgain() {
  const began = performance.now()
  await stop()
  if (isEnding) return
  start()
  const ms = Math.round(performance.now() - began)
  process.stderr.write(`dev: started (the old process ended within ${ms} ms)\n`)
}

/** Restarts after each build that has no errors; esbuild prints those. */
const restart = {
  name: 'restart',
  setup({ onEnd }) {
    onEnd(({ errors }) => {
      if (errors.length === 0 && !isEnding) restarting = restarting.then(startAgain)
    })
  },
}

await ensureSandboxBuilt()
const { context } = await import('esbuild')
const options = bundleOptions('src/main.ts', outfile)
const builder = await context({ ...options, plugins: [...options.plugins, restart] })
await builder.watch()

async function end() {
  if (isEnding) return
  isEnding = true
  await builder.dispose()
  await restarting
  await stop()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    end().catch((error) => {
      process.stderr.write(`dev: ${error.stack}\n`)
      process.exitCode = 1
    })
  })
}
