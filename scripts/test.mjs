// `npm test`: every suite, one after another, and at the end one line that adds them up.
// Needs only Node. Suites that need more install it where they may (root on Debian), use what
// FERRIC_TEST_POSTGRES_URL names, or say that they are skipped; with FERRIC_TEST_ALL=1 a skip is a failure.
// `npm test -- NAME…` runs the suites of these names; a word that is no suite's name selects all suites that contain it.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ensureNode, nodeInUse } from './node-version.mjs'
import { PeerError, works } from './peers/cache.mjs'
import { install } from './peers/install.mjs'
import { rackImages } from './peers/rack.mjs'
import { servePeer } from './peers/serve.mjs'

const root = dirname(import.meta.dirname)
const all = process.env.FERRIC_TEST_ALL === '1'
const words = process.argv.slice(2)
const bin = (path) => join(root, 'node_modules', path)

/** Everything that was started and must be stopped. */
const running = []
const env = { ...process.env }

/** The program that runs now. */
let current
let stopped = false

/** Runs a program with our output; resolves to its exit code, 124 when its time is over. */
function program(file, args, minutes) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    current = child
    let late = false
    const end = (signal) => child.kill(signal)
    const timer = setTimeout(() => {
      late = true
      end('SIGTERM')
      setTimeout(() => end('SIGKILL'), 20_000).unref()
    }, minutes * 60_000)
    child.once('exit', (code) => {
      clearTimeout(timer)
      if (late) process.stdout.write(`stopped after ${minutes} minutes\n`)
      resolve(late ? 124 : (code ?? 1))
    })
  })
}

const node =
  (...args) =>
  async (minutes) =>
    counted(await program(process.execPath, args, minutes))

const counted = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 })

/** Adds up a vitest report; a file that could not even be loaded is one failure. */
function readReport(path) {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const vitest =
  (...args) =>
  async (minutes) => {
    const dir = mkdtempSync(join(tmpdir(), 'ferric-test-'))
    const file = join(dir, 'report.json')
    const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    try {
      const code = await program(
        process.execPath,
        [bin('vitest/vitest.mjs'), 'run', ...report, ...args],
        minutes,
      )
      const sums = existsSync(file) ? readReport(file) : counted(1)
      return code !== 0 && sums.failed === 0 ? { ...sums, failed: 1 } : sums
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

/** The virtual rack tells how many scenarios passed. */
async function rack(minutes) {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-test-'))
  const report = join(dir, 'report.json')
  try {
    const code = await program(
      process.execPath,
      ['scripts/rack.mjs', '--ci', '--report', report],
      minutes,
    )
    return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : counted(code || 1)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What a suite can ask for; each runs once. */
const needs = {
  async postgres() {
    if (!process.env.FERRIC_TEST_POSTGRES_URL) await serve('postgres', 'FERRIC_TEST_POSTGRES_URL')
    else env.FERRIC_TEST_POSTGRES_URL = process.env.FERRIC_TEST_POSTGRES_URL
  },
  async netboot() {
    await install('netboot')
    await install('npm-tftp')
  },
  async tools() {
    await install('image-tools')
  },
  async redis() {
    await install('redis')
  },
  async clients() {
    await install('clients')
  },
  async sdk() {
    await install('sdk-tests')
  },
  async redfish() {
    await install('redfish-emulator')
  },
  async documents() {
    await install('redfish-documents')
  },
  async keystone() {
    await install('keystone')
  },
  async browser() {
    await install('browser')
  },
  async agents() {
    if (!(await works('losetup', ['--find'])))
      throw new PeerError('the real agent wants a disk, so a loop device that only root may make')
    await install('image-tools')
    await install('ipa-newest')
    await install('ipa-older')
  },
  async disks() {
    if (!(await works('losetup', ['--find'])))
      throw new PeerError('a disk of its own needs a loop device, which only root may make')
    await install('file-systems')
  },
  async gophercloud() {
    await install('gophercloud')
  },
  async rack() {
    await rackImages()
  },
  async ipmi() {
    await install('ipmi')
    await install('pyghmi')
  },
  async registry() {
    await install('registry')
    await install('image-tools')
  },
  async neutron() {
    await install('neutron')
  },
  async kickstart() {
    await install('kickstart')
    await install('ironic-newest')
  },
  async swift() {
    await install('swift')
  },
  async nova() {
    await install('nova-debian')
    await install('nova-newest')
  },
  async tempest() {
    await install('keystone')
    await install('tempest')
  },
  async schemathesis() {
    await install('schemathesis')
  },
}

async function serve(name, variable) {
  const peer = await servePeer(name)
  running.push(peer)
  env[variable] = peer.about.url
}

/** Tests that need programs of the system have a suite of their own. */
const units = ['--exclude', 'tests/compat/**', '--exclude', 'tests/**/*.tools.test.ts']
const compat = (name) => vitest(`tests/compat/${name}.test.ts`)
const homes = ['clients', 'postgres', 'redis']

const suites = [
  { name: 'typecheck', minutes: 5, run: node(bin('typescript/bin/tsc'), '--noEmit') },
  {
    name: 'lint',
    minutes: 5,
    run: node(
      bin('oxlint/bin/oxlint'),
      '--type-aware',
      '--deny-warnings',
      'src',
      'tests',
      'scripts',
    ),
  },
  {
    name: 'format',
    minutes: 5,
    run: node(bin('prettier/bin/prettier.cjs'), '--check', 'src', 'tests', 'scripts', 'openapi'),
  },
  { name: 'unit', minutes: 20, run: vitest(...units) },
  { name: 'image tools', needs: ['tools'], minutes: 10, run: vitest('.tools.test.ts') },
  { name: 'build', minutes: 2, run: node('scripts/build.mjs') },
  { name: 'openstack client', needs: homes, minutes: 10, run: compat('cli-walk') },
  {
    name: 'ipmi',
    needs: ['clients', 'ipmi', 'postgres', 'redis', 'redfish'],
    minutes: 8,
    run: vitest('tests/compat/ipmi'),
  },
  { name: 'keystone', needs: ['clients', 'keystone'], minutes: 10, run: compat('keystone') },
  { name: 'redfish', needs: ['clients', 'redfish'], minutes: 5, run: compat('redfish') },
  { name: 'redfish firmware', needs: ['redfish'], minutes: 4, run: compat('redfish-firmware') },
  { name: 'redfish vendors', needs: ['documents'], minutes: 2, run: compat('redfish-vendors') },
  { name: 'virtual media boot', needs: ['redfish'], minutes: 5, run: compat('redfish-boot') },
  { name: 'kill', needs: ['postgres', 'redis'], minutes: 10, run: compat('kill') },
  {
    name: 'kill between steps',
    needs: ['postgres'],
    minutes: 6,
    run: compat('kill-steps'),
  },
  { name: 'killed PostgreSQL', minutes: 6, run: compat('kill-embedded') },
  { name: 'power cut', needs: ['disks'], minutes: 6, run: compat('power-cut') },
  { name: 'disk full', needs: ['disks'], minutes: 4, run: compat('disk-full') },
  { name: 'chaos', needs: ['postgres', 'redis'], minutes: 7, run: compat('chaos') },
  { name: 'docs page', needs: ['browser'], minutes: 3, run: compat('docs-page') },
  { name: 'bad input', minutes: 5, run: compat('bad-input') },
  { name: 'image server', minutes: 5, run: compat('image-server') },
  { name: 'fuzz', minutes: 10, run: compat('fuzz') },
  { name: 'openstacksdk', needs: ['sdk'], minutes: 15, run: compat('sdk') },
  { name: 'ironic-python-agent', needs: ['agents'], minutes: 8, run: compat('agent') },
  { name: 'gophercloud', needs: ['gophercloud'], minutes: 6, run: compat('gophercloud') },
  { name: 'rack', needs: ['clients', 'rack'], minutes: 15, run: rack },
  { name: 'schemathesis', needs: ['schemathesis'], minutes: 8, run: compat('schemathesis') },
  { name: 'network boot', needs: ['netboot'], minutes: 12, run: vitest('tests/compat/netboot') },
  { name: 'neutron', needs: ['neutron'], minutes: 5, run: compat('neutron') },
  { name: 'kickstart', needs: ['kickstart'], minutes: 4, run: compat('kickstart') },
  { name: 'swift', needs: ['swift'], minutes: 4, run: compat('swift') },
  { name: 'registry', needs: ['registry'], minutes: 4, run: compat('registry') },
  { name: 'tempest', needs: ['tempest'], minutes: 10, run: compat('tempest') },
  { name: 'nova', needs: ['nova'], minutes: 10, run: compat('nova') },
  { name: 'differential', minutes: 5, run: compat('differential') },
  { name: 'conformance', minutes: 10, run: compat('conformance') },
]

const met = new Map()

/** Resolves to why a suite cannot run, or undefined. */
async function lacking(suite) {
  for (const need of suite.needs ?? []) {
    if (!met.has(need)) met.set(need, await needs[need]().then(() => undefined, reason))
    if (met.get(need)) return met.get(need)
  }
  return undefined
}

function reason(error) {
  if (error instanceof PeerError) return error.message
  throw error
}

async function runSuite(suite) {
  process.stdout.write(`\n== ${suite.name}\n`)
  const why = await lacking(suite)
  if (!why) return suite.run(suite.minutes)
  process.stdout.write(`skipped: ${suite.name}: ${why}\n`)
  return all ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 }
}

const show = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

async function dependencies() {
  if (!existsSync(bin('vitest'))) {
    const code = await program('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], 15)
    if (code !== 0) throw new Error(`npm ci ended with ${code}`)
    ensureNode()
  }
  // The types of the contract are made, not kept: typecheck and lint read them.
  const code = await program(process.execPath, ['scripts/generate-types.mjs'], 2)
  if (code !== 0) throw new Error('the types of the contract could not be generated')
}

async function main() {
  process.stdout.write(nodeInUse())
  await dependencies()
  const names = new Set(suites.map(({ name }) => name))
  const selects = (word, name) => (names.has(word) ? name === word : name.includes(word))
  const requested = suites.filter(
    ({ name }) => words.length === 0 || words.some((word) => selects(word, name)),
  )
  const results = []
  for (const suite of requested) {
    if (stopped) throw new Error('stopped by a signal')
    const began = Date.now()
    const sums = await runSuite(suite)
    results.push({
      ...sums,
      line: `${suite.name}: ${show(sums)} (${Math.round((Date.now() - began) / 1000)} s)`,
    })
  }
  return results
}

async function stopAll() {
  await Promise.all(running.map((peer) => peer.stop()))
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    stopped = true
    current?.kill(signal)
  })

let results = []
try {
  results = await main()
} finally {
  await stopAll()
}
const sum = (key) => results.reduce((total, one) => total + one[key], 0)
const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
process.stdout.write(`\n${results.map((one) => one.line).join('\n')}\n\n${show(total)}\n`)
if (total.failed > 0 || total.passed === 0 || (all && total.skipped > 0)) process.exitCode = 1
