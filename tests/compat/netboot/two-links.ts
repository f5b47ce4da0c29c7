// A Ferric on two links in network namespaces. On each link there are a client and a relay (ISC
// dhcrelay), and behind the relay there is another client.
//
//   near-a ── br-a ── relay-a ── far-a        near-b ── br-b ── relay-b ── far-b
//              └──────────────── server ─────────────────┘
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../_util/peers/until.js'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

export const places = ['near-a', 'near-b', 'far-a', 'far-b'] as const
export type Place = (typeof places)[number]
type Letter = 'a' | 'b'
const letters: readonly Letter[] = ['a', 'b']
/** The third number of IPv4 networks, and the fourth group of IPv6 ones. */
const network = { 'near-a': 1, 'far-a': 2, 'near-b': 3, 'far-b': 4 } as const

export const macOf = (place: Place): string => `52:54:00:77:00:0${network[place]}`
export const networkOf = (place: Place): string => `10.77.${network[place]}`
export const network6Of = (place: Place): string => `2001:db8:77:${network[place]}`
/** The address of the server on a link. */
export const serverOn = (letter: Letter): string => `${networkOf(`near-${letter}`)}.1`

const conf = (dir: string): string => `[DEFAULT]
state_path=${dir}/state
my_ip=${serverOn('a')}
auth_strategy=noauth
enabled_hardware_types=fake-hardware
enabled_boot_interfaces=ipxe
enabled_deploy_interfaces=direct
enabled_management_interfaces=fake
enabled_power_interfaces=fake
enabled_network_interfaces=noop
default_network_interface=noop
[api]
host_ip=${serverOn('a')}
[ferric]
allow_remote_noauth=true
boot=true
boot_ipv6=true
boot_links=br-a,br-b
${places.map((place) => `dhcp_range=${networkOf(place)}.100-${networkOf(place)}.109/24,router=${networkOf(place)}.1`).join('\n')}
${places.map((place) => `dhcp_range=${network6Of(place)}::100-${network6Of(place)}::1ff/64`).join('\n')}
[deploy]
http_root=${dir}/http
[pxe]
tftp_root=${dir}/tftp
[conductor]
file_url_allowed_paths=${dir}
`

export class TwoLinks implements AsyncDisposable {
  readonly dir: string
  readonly #children: ChildProcess[] = []
  readonly #namespaces = ['server', 'relay-a', 'relay-b', ...places]

  private constructor(dir: string) {
    this.dir = dir
  }

  /** @throws when this process may not make namespaces, or Ferric does not start */
  static async open(): Promise<TwoLinks> {
    await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { timeout: 60_000 })
    const lab = new TwoLinks(await mkdtemp(join(tmpdir(), 'ferric-two-links-')))
    try {
      await lab.#begin()
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  async #begin(): Promise<void> {
    await writeFile(join(this.dir, 'ironic.conf'), conf(this.dir))
    for (const name of this.#namespaces) {
      await run('ip', ['netns', 'add', this.#named(name)])
      await this.at(name, 'ip', 'link', 'set', 'lo', 'up')
    }
    for (const letter of letters) await this.wire(letter)
    await this.#start()
    for (const letter of letters) this.#relay(letter)
  }

  /** Runs a program in a namespace. @throws when it fails */
  async at(name: string, ...words: string[]): Promise<string> {
    const args = ['netns', 'exec', this.#named(name), ...words]
    const { stdout, stderr } = await run('ip', args, { timeout: 60_000, maxBuffer: 2 ** 24 })
    return stdout + stderr
  }

  /** Makes the bridge of a link and connects the client and the relay to it. */
  async wire(letter: Letter): Promise<void> {
    const [near, far] = [`near-${letter}`, `far-${letter}`] as [Place, Place]
    const [bridge, relay] = [`br-${letter}`, `relay-${letter}`]
    const via4 = `${networkOf(near)}.2`
    const via6 = `${network6Of(near)}::2`
    await this.#ip('server', [
      `link add ${bridge} type bridge`,
      `addr add ${serverOn(letter)}/24 dev ${bridge}`,
      `addr add ${network6Of(near)}::1/64 dev ${bridge} nodad`,
      `link set ${bridge} up`,
      `link add port-n${letter} type veth peer name eth0 netns ${this.#named(near)}`,
      `link add port-r${letter} type veth peer name uplink netns ${this.#named(relay)}`,
      `link set port-n${letter} master ${bridge} up`,
      `link set port-r${letter} master ${bridge} up`,
      `route add ${networkOf(far)}.0/24 via ${via4}`,
      `-6 route add ${network6Of(far)}::/64 via ${via6}`,
    ])
    await this.#ip(near, [
      `link set eth0 address ${macOf(near)} up`,
      // A program without an address may broadcast.
      'route add 255.255.255.255/32 dev eth0',
    ])
    await this.#ip(relay, [
      `addr add ${via4}/24 dev uplink`,
      `addr add ${via6}/64 dev uplink nodad`,
      'link set uplink up',
      `route add default via ${serverOn(letter)}`,
      `link add downlink type veth peer name eth0 netns ${this.#named(far)}`,
      `addr add ${networkOf(far)}.1/24 dev downlink`,
      `addr add ${network6Of(far)}::1/64 dev downlink nodad`,
      'link set downlink up',
    ])
    await this.#ip(far, [`link set eth0 address ${macOf(far)} up`])
    const forwarding = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']
    await this.at(relay, 'sysctl', '-q', '-w', ...forwarding)
  }

  /** Sends packets from a namespace; resolves to the answers. */
  async exchange(name: string, from: string, port: number, to: string, packets: Buffer[]) {
    const program = join(import.meta.dirname, 'exchange.mjs')
    const hex = packets.map((bytes) => bytes.toString('hex')).join(',')
    const words = [process.execPath, program, from, String(port), to, hex]
    const answers = JSON.parse(await this.at(name, ...words)) as string[]
    return answers.map((one) => Buffer.from(one, 'hex'))
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const data = body === undefined ? [] : ['-d', JSON.stringify(body)]
    const headers = ['X-OpenStack-Ironic-API-Version: 1.90', 'Content-Type: application/json']
    const flags = ['-s', '-X', method, ...headers.flatMap((header) => ['-H', header])]
    const url = `http://${serverOn('a')}:6385${path}`
    const text = await this.at('server', 'curl', ...flags, ...data, url)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  log = (): Promise<string> => readFile(join(this.dir, 'log'), 'utf8')

  #named = (name: string): string => `ferric-${name}-${process.pid}`

  async #ip(name: string, lines: readonly string[]): Promise<void> {
    for (const line of lines) await run('ip', ['-n', this.#named(name), ...line.split(' ')])
  }

  #spawn(name: string, words: readonly string[]): void {
    const out = openSync(join(this.dir, name === 'server' ? 'log' : name), 'a')
    const args = ['netns', 'exec', this.#named(name), ...words]
    this.#children.push(spawn('ip', args, { stdio: ['ignore', out, out] }))
  }

  #relay(letter: Letter): void {
    const files = (version: number) => ['-pf', join(this.dir, `relay-${letter}-${version}.pid`)]
    const up6 = `${network6Of(`near-${letter}`)}::1%uplink`
    const v4 = ['-4', '-d', ...files(4), '-id', 'downlink', '-iu', 'uplink', serverOn(letter)]
    this.#spawn(`relay-${letter}`, ['dhcrelay', ...v4])
    this.#spawn(`relay-${letter}`, [
      'dhcrelay',
      '-6',
      '-d',
      ...files(6),
      '-l',
      'downlink',
      '-u',
      up6,
    ])
  }

  async #start(): Promise<void> {
    const bin = join(root, 'bin', 'ferric.mjs')
    const conf = ['--config-file', join(this.dir, 'ironic.conf')]
    this.#spawn('server', [process.execPath, bin, 'serve', ...conf])
    await until(async () => (await this.log()).includes('Ferric is ready') || undefined, {
      what: 'line "Ferric is ready"',
      timeoutMs: 120_000,
      everyMs: 200,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exited
    }
    // One that was never made cannot be removed.
    const removing = this.#namespaces.map((name) => run('ip', ['netns', 'del', this.#named(name)]))
    await Promise.allSettled(removing)
    await rm(this.dir, { recursive: true, force: true })
  }
}
