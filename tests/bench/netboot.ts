// `npm run bench -- netboot`: Ferric's TFTP and HTTP beside tftpd-hpa, dnsmasq and nginx: the same files, the
// same clients (curl, atftp), one server after the other. Needs root. Prints tables, asserts nothing.
//   --only tftp|http    --large 30 (MB of the large file)
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { installedPeer } from '../_util/peers/installed.js'
import { Ferric } from '../_util/peers/ferric.js'
import type { Figure } from './figures.js'
import { printTable } from './table.js'

const run = promisify(execFile)
const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { only: { type: 'string' }, large: { type: 'string', default: '30' } },
})
const sizes = { '1': 1, large: Number(values.large) } as const

/** What is fetched: by so many clients at once, so often by each. */
type Case = {
  name: string
  size: keyof typeof sizes
  clients: number
  times: number
  fetch: string
}

const curlTftp = (blocks: number) => `curl -sf --tftp-blksize ${blocks} -o /dev/null tftp://`
const atftp = 'atftp'
const tftpCases: Case[] = [
  { name: 'blksize 512', size: 'large', clients: 1, times: 1, fetch: curlTftp(512) },
  { name: 'blksize 512', size: '1', clients: 50, times: 1, fetch: curlTftp(512) },
  { name: 'blksize 1468', size: '1', clients: 1, times: 10, fetch: curlTftp(1468) },
  { name: 'blksize 1468', size: 'large', clients: 1, times: 2, fetch: curlTftp(1468) },
  { name: 'blksize 1468', size: '1', clients: 50, times: 1, fetch: curlTftp(1468) },
  { name: 'blksize 1468', size: 'large', clients: 50, times: 1, fetch: curlTftp(1468) },
  { name: '1468, window 8', size: 'large', clients: 1, times: 2, fetch: atftp },
  { name: '1468, window 8', size: '1', clients: 50, times: 2, fetch: atftp },
]
const curlHttp = 'curl -sf -o /dev/null http://'
const httpCases: Case[] = [
  { name: 'HTTP', size: '1', clients: 1, times: 50, fetch: curlHttp },
  { name: 'HTTP', size: 'large', clients: 1, times: 10, fetch: curlHttp },
  { name: 'HTTP', size: '1', clients: 50, times: 10, fetch: curlHttp },
  { name: 'HTTP', size: 'large', clients: 50, times: 2, fetch: curlHttp },
]

/** One fetch in a shell; it fails unless the whole file came. */
function commandOf({ fetch, size, times }: Case, at: string): string {
  const [host = '', port = ''] = at.split(':')
  const options = "--option 'blksize 1468' --option 'windowsize 8'"
  const one =
    fetch === atftp
      ? `atftp ${options} -g -r ${size} -l /dev/null ${host} ${port}`
      : `${fetch}${at}/${size}`
  return Array.from({ length: times }, () => one).join(' && ')
}

async function megabytesPerSecond(one: Case, at: string): Promise<number> {
  const command = commandOf(one, at)
  const began = performance.now()
  await Promise.all(
    Array.from({ length: one.clients }, () => run('sh', ['-c', command], { timeout: 280_000 })),
  )
  const seconds = (performance.now() - began) / 1000
  return (sizes[one.size] * one.clients * one.times) / seconds
}

type Server = AsyncDisposable & { at: string }
type Subject = { name: string; start(): Promise<Server> }

const dir = mkdtempSync(join(tmpdir(), 'ferric-bench-'))
const files = join(dir, 'files')

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

/** A program that serves `files` in the foreground. */
function program(name: string, at: string, file: string, args: string[]): Subject {
  const start = async (): Promise<Server> => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    await sleep(1000)
    if (child.exitCode !== null) throw new Error(`${name} did not start`)
    return { at, [Symbol.asyncDispose]: () => ended(child) }
  }
  return { name, start }
}

/** dnsmasq always serves at port 69, so that each server has an address of its own. */
const hpa = program('tftpd-hpa', '127.0.0.2:69', '/usr/sbin/in.tftpd', [
  ...['--foreground', '--listen', '--address', '127.0.0.2:69', '--secure', files],
])
const dnsmasq = program('dnsmasq', '127.0.0.3:69', '/usr/sbin/dnsmasq', [
  ...['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root', '--enable-tftp'],
  ...[`--tftp-root=${files}`, '--bind-interfaces', '--listen-address=127.0.0.3'],
  ...['--tftp-max=100', '--log-facility=/dev/null', `--pid-file=${join(dir, 'dnsmasq.pid')}`],
])
function nginx(): Subject {
  const conf = join(dir, 'nginx.conf')
  writeFileSync(
    conf,
    `worker_processes auto; pid ${dir}/nginx.pid; error_log stderr; daemon off; user root;
     events {} http { access_log off; sendfile on; tcp_nopush on;
     server { listen 127.0.0.2:8080; root ${files}; } }`,
  )
  return program('nginx', '127.0.0.2:8080', '/usr/sbin/nginx', ['-c', conf])
}

const ports = { tftp: 16969, http: 18080 }
const ferric = (what: 'tftp' | 'http'): Subject => ({
  name: 'ferric',
  async start() {
    const { tftp: boot_tftp_port, http: boot_http_port } = ports
    const server = await Ferric.prepare(
      'embedded',
      fakeConf({
        deploy: { http_root: files },
        ferric: { boot: 'true', boot_tftp_port, boot_http_port },
      }),
    )
    await server.start()
    const end = () => server[Symbol.asyncDispose]()
    return { at: `127.0.0.1:${ports[what]}`, [Symbol.asyncDispose]: end }
  },
})

const sized = ({ name, clients, size }: Case): string => `${name}, ${clients} x ${sizes[size]} MB`

async function measure(subject: Subject, cases: readonly Case[]): Promise<Figure[]> {
  process.stderr.write(`${subject.name} …\n`)
  await using server = await subject.start()
  const figures: Figure[] = []
  for (const one of cases) {
    const value = await megabytesPerSecond(one, server.at)
    figures.push({ name: sized(one), unit: 'MB per s', value })
  }
  return figures
}

async function compare(subjects: readonly Subject[], cases: readonly Case[]): Promise<void> {
  const columns: Figure[][] = []
  for (const subject of subjects) columns.push(await measure(subject, cases))
  printTable(
    subjects.map(({ name }) => name),
    columns,
  )
}

await installedPeer('boot-servers')
try {
  mkdirSync(files)
  for (const path of [dir, files]) chmodSync(path, 0o755)
  for (const [name, megabytes] of Object.entries(sizes)) {
    writeFileSync(join(files, name), randomBytes(megabytes * 1_000_000))
  }
  if (values.only !== 'http') await compare([hpa, dnsmasq, ferric('tftp')], tftpCases)
  if (values.only !== 'tftp') await compare([nginx(), ferric('http')], httpCases)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
