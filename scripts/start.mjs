/**
 * `npm start`: installs what is missing, builds what has changed, then runs `ferric serve` in this
 * process. scripts/node.mjs has chosen the Node.js. Arguments go to ferric:
 * `npm start -- --set api.port=6386`.
 */
import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureNode, nodeInUse } from './node-version.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return {}
    throw error
  }
}

/** Whether every package needed to run is there in the version the lock names. */
function isInstalled() {
  const installed = readPackages('node_modules/.package-lock.json')
  return Object.entries(readPackages('package-lock.json')).every(([path, wanted]) => {
    if (path === '' || wanted.dev || wanted.devOptional) return true
    return installed[path] ? installed[path].version === wanted.version : wanted.optional
  })
}

function install() {
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error('node_modules is a link to packages other than the lock names; run npm ci')
  }
  const npm = process.env.npm_execpath
  const args = ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund']
  process.stderr.write('Installing dependencies …\n')
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('npm ci failed')
}

process.stderr.write(nodeInUse())
if (!isInstalled()) {
  install()
  ensureNode()
}
const { ensureBuilt } = await import('./build.mjs')
const bundle = await ensureBuilt()
const words = process.argv.slice(2)
// Every word that is not an option is a command of ferric's, which knows its own list.
const isWhole =
  words[0] !== undefined &&
  (!words[0].startsWith('-') || ['--help', '-h', '--version'].includes(words[0]))
process.argv = [process.argv[0], bundle, ...(isWhole ? words : ['serve', ...words])]
await import(pathToFileURL(bundle).href)
