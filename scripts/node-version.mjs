/**
 * Finds a Node.js that is new enough. The machine's own serves when it is. Otherwise npm installs one into `.node/`
 * (scripts/node/ names the packages), and `node_modules/.bin/node` points to it, so that npm scripts and npx use it too.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { constants } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const home = join(root, '.node')
const oldest = 24

/** One line for people: which Node.js runs this process. */
export const nodeInUse = () => `Node.js ${process.versions.node} (${process.execPath})\n`

const isNewEnough = () => Number(process.versions.node.split('.')[0]) >= oldest

const binary = () =>
  join(
    home,
    'node_modules',
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )

/** Whether the installed Node.js is the one that the lock file names. */
function isInstalled() {
  const lock = 'package-lock.json'
  return (
    existsSync(binary()) &&
    existsSync(join(home, lock)) &&
    readFileSync(join(home, lock), 'utf8') ===
      readFileSync(join(root, 'scripts', 'node', lock), 'utf8')
  )
}

function install() {
  process.stderr.write(
    `Node.js ${process.versions.node} is too old (Ferric needs ${oldest} or newer). Installing one into .node/ …\n`,
  )
  mkdirSync(home, { recursive: true })
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(root, 'scripts', 'node', name), join(home, name))
  const npm = process.env.npm_execpath
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  const options = { cwd: home, stdio: ['ignore', 2, 2] }
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (status === 0 && existsSync(binary())) return
  rmSync(home, { recursive: true, force: true })
  throw new Error(
    `npm has no Node.js ${oldest} for ${process.platform} ${process.arch}; install it from https://nodejs.org/`,
  )
}

/** npm and npx put `node_modules/.bin` first in PATH. */
function link() {
  const folder = join(root, 'node_modules', '.bin')
  const path = join(folder, 'node')
  if (process.platform === 'win32' || !existsSync(folder)) return
  if (lstatSync(path, { throwIfNoEntry: false })) return
  symlinkSync(relative(folder, binary()), path)
}

/**
 * Returns the Node.js to run Ferric with, and installs it when the machine's own is too old.
 * @returns {string} the path of the program
 * @throws Error when npm cannot install it
 */
export function ensureNode() {
  if (isNewEnough() && process.execPath !== binary()) return process.execPath
  if (!isInstalled()) install()
  link()
  return binary()
}

/**
 * Runs a script with another Node.js, hands signals on to it, and takes its exit code.
 * @param {string} node the program  @param {string} script its first argument  @param {string[]} args the rest
 */
export function runWith(node, script, args) {
  const child = spawn(node, [script, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    process.stderr.write(`${node}: ${error.message}\n`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
