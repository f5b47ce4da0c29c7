// Starts peers on free loopback ports: `node scripts/peers/serve.mjs postgres redis ironic-debian [--tied] [--conf CHANGES_JSON]`.
// Prints one JSON line when all are up, and stops them on SIGTERM, SIGINT or, when --tied, at the end of its
// standard input, so that nothing outlives the test that asked for it.
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PeerError, sh } from './cache.mjs'
import { accepts, answers, freePort, ready, start, stop } from './child.mjs'
import { fakeConf } from './conf.mjs'
import { install } from './install.mjs'

/** PostgreSQL refuses to run as root, so root lends it the account Debian's package made. */
async function postgresUser() {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all([sh('id', ['-u', 'postgres']), sh('id', ['-g', 'postgres'])])
  return { uid: Number(uid), gid: Number(gid) }
}

async function initCluster(bin, data, user) {
  const log = `${data}.initdb.log`
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ]
  const child = start(join(bin, 'initdb'), args, { ...user, log })
  await new Promise((resolve) => child.child.once('exit', resolve))
  if (child.child.exitCode !== 0) throw new PeerError(`initdb failed, see ${log}`)
}

async function servePostgres(dir) {
  const { bin } = await install('postgres')
  const user = await postgresUser()
  const data = join(dir, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (user.uid !== undefined) for (const path of [dir, data]) chownSync(path, user.uid, user.gid)
  await initCluster(bin, data, user)
  const port = await freePort()
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', dir, '-N', '200']
  const server = start(join(bin, 'postgres'), args, { ...user, cwd: dir, log: join(dir, 'log') })
  await ready(server, () => works(bin, port))
  return {
    server,
    signal: 'SIGINT',
    about: { url: `postgres://postgres@127.0.0.1:${port}/postgres` },
  }
}

async function works(bin, port) {
  const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-t', '1']
  try {
    await sh(join(bin, 'pg_isready'), args)
    return true
  } catch {
    return false
  }
}

async function serveRedis(dir) {
  const { binary } = await install('redis')
  const port = await freePort()
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    dir,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ]
  const server = start(binary, args, { log: join(dir, 'log') })
  await ready(server, () => accepts(port))
  return { server, about: { url: `redis://127.0.0.1:${port}/0` } }
}

const redfishAccount = { username: 'admin', password: 'S3cret-of-the-BMC' }

/** sushy-tools' emulator with one machine of its fake driver, behind HTTP Basic. */
async function serveRedfish(dir) {
  const { python } = await install('redfish-emulator')
  const port = await freePort()
  const script = join(import.meta.dirname, 'redfish_emulator.py')
  const { username, password } = redfishAccount
  const args = [script, String(port), join(dir, 'state'), username, password]
  const server = start(python, args, { cwd: dir, log: join(dir, 'log') })
  const url = `http://127.0.0.1:${port}`
  await ready(server, () => answers(`${url}/redfish/v1/`))
  return { server, about: { url, ...redfishAccount } }
}

/** Neutron's API on SQLite: networks and ports are real, but no switch is driven and nobody logs in. */
async function serveNeutron(dir) {
  const { python } = await install('neutron')
  const port = await freePort()
  const script = join(import.meta.dirname, 'neutron_api.py')
  const server = start(python, [script, dir, String(port)], { cwd: dir, log: join(dir, 'log') })
  const url = `http://127.0.0.1:${port}`
  // Ten seconds on a quiet machine, most of them imports.
  await ready(server, () => answers(`${url}/v2.0/networks`), 180_000)
  return { server, about: { url } }
}

const swiftToken = 'a-token-of-keystone'

/** Swift in one process; a token stands for Keystone, and temporary URLs are its own. */
async function serveSwift(dir) {
  const { python } = await install('swift')
  const port = await freePort()
  const script = join(import.meta.dirname, 'swift_server.py')
  const args = ['-W', 'ignore', script, dir, String(port), swiftToken]
  const server = start(python, args, { cwd: dir, log: join(dir, 'log') })
  const url = `http://127.0.0.1:${port}`
  await ready(server, () => answers(`${url}/healthcheck`), 60_000)
  return { server, about: { url, token: swiftToken } }
}

/** How each Ironic is run: program and arguments before its own. */
const ironics = {
  'ironic-debian': ({ python }) => ({
    dbsync: [python, ['-c', 'import sys; from ironic.cmd import dbsync; sys.exit(dbsync.main())']],
    serve: [
      python,
      ['-c', 'import sys; from ironic.cmd import singleprocess; sys.exit(singleprocess.main())'],
    ],
  }),
  'ironic-newest': ({ dir }) => ({
    dbsync: [join(dir, 'bin', 'ironic-dbsync'), []],
    serve: [join(dir, 'bin', 'ironic'), []],
  }),
}

function ironicConf(name, dir, port, changes) {
  const firmware =
    name === 'ironic-newest' ? { enabled_firmware_interfaces: 'no-firmware,fake' } : {}
  return fakeConf({
    ...changes,
    DEFAULT: {
      rpc_transport: 'none',
      state_path: dir,
      use_stderr: 'true',
      ...firmware,
      ...changes.DEFAULT,
    },
    api: { ...changes.api, port },
    service_catalog: { auth_type: 'none', endpoint_override: `http://127.0.0.1:${port}` },
    database: { connection: `sqlite:///${join(dir, 'ironic.sqlite')}`, ...changes.database },
    oslo_concurrency: { lock_path: join(dir, 'lock') },
  })
}

async function serveIronic(name, dir, changes) {
  const { dbsync, serve } = ironics[name](await install(name))
  const port = await freePort()
  const conf = join(dir, 'ironic.conf')
  writeFileSync(conf, ironicConf(name, dir, port, changes))
  await sh(dbsync[0], [...dbsync[1], '--config-file', conf, 'create_schema'])
  const began = performance.now()
  const server = start(serve[0], [...serve[1], '--config-file', conf], {
    cwd: dir,
    log: join(dir, 'log'),
  })
  const url = `http://127.0.0.1:${port}`
  await ready(server, () => answers(`${url}/v1/`))
  const startMs = Math.round(performance.now() - began)
  return { server, about: { url, conf, startMs } }
}

/**
 * Starts one peer in a directory of its own.
 * Returns what a client needs to know (url, pid, log) and a stop function; throws PeerError.
 */
export async function servePeer(name, changes = {}) {
  const dir = mkdtempSync(join(tmpdir(), `ferric-${name}-`))
  const starters = {
    postgres: servePostgres,
    redis: serveRedis,
    'redfish-emulator': serveRedfish,
    neutron: serveNeutron,
    swift: serveSwift,
  }
  const begin = starters[name] ?? ((d) => serveIronic(name, d, changes))
  const { server, signal, about } = await begin(dir)
  const end = async () => {
    await stop(server, signal)
    rmSync(dir, { recursive: true, force: true })
  }
  return { about: { name, pid: server.child.pid, log: server.log, ...about }, stop: end }
}

function parse(argv) {
  const at = argv.indexOf('--conf')
  const changes = at < 0 ? {} : JSON.parse(argv[at + 1])
  const names = argv.filter((word, i) => !word.startsWith('--') && (at < 0 || i !== at + 1))
  return { names, changes, tied: argv.includes('--tied') }
}

function asked(tied) {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve)
    if (tied) process.stdin.resume().once('end', resolve).once('close', resolve)
  })
}

async function main({ names, changes, tied }) {
  const ended = asked(tied)
  const up = []
  try {
    for (const name of names) up.push(await servePeer(name, changes))
    process.stdout.write(`${JSON.stringify({ ok: true, peers: up.map((peer) => peer.about) })}\n`)
    await ended
  } catch (error) {
    if (!(error instanceof PeerError)) throw error
    process.stdout.write(`${JSON.stringify({ ok: false, reason: error.message })}\n`)
    process.exitCode = 1
  } finally {
    await Promise.all(up.map((peer) => peer.stop()))
    process.stdin.destroy()
  }
}

if (import.meta.filename === process.argv[1]) await main(parse(process.argv.slice(2)))
