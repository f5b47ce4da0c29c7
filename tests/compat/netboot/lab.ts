// Two network namespaces on one link: a Ferric that serves machines, and a client that boots.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../_util/peers/until.js'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

export const server = '192.0.2.1'
export const clientMac = '52:54:00:12:34:01'
export const biosMac = '52:54:00:12:34:02'

const conf = (dir: string): string => `[DEFAULT]
state_path=${dir}/state
my_ip=${server}
auth_strategy=noauth
enabled_hardware_types=fake-hardware
enabled_boot_interfaces=ipxe
enabled_deploy_interfaces=direct
enabled_management_interfaces=fake
enabled_power_interfaces=fake
enabled_network_interfaces=noop
default_network_interface=noop
[api]
host_ip=${server}
[ferric]
boot=true
boot_ipv6=true
dhcp_range=192.0.2.100-192.0.2.150/24,router=${server}
dhcp_range=2001:db8::100-2001:db8::1ff/64
[deploy]
http_root=${dir}/http
[pxe]
tftp_root=${dir}/tftp
[conductor]
file_url_allowed_paths=${dir}
`

/** A link between two namespaces with a Ferric at one end. */
export class Lab implements AsyncDisposable {
  readonly dir: string
  readonly #names: { readonly server: string; readonly client: string }
  #ferric: ChildProcess | undefined

  private constructor(dir: string) {
    this.dir = dir
    this.#names = { server: `ferric-s${process.pid}`, client: `ferric-c${process.pid}` }
  }

  /**
   * @param images what machines load, by the name `file` finds them under
   * @throws when this process may not make namespaces, or Ferric does not start
   */
  static async open(images: Readonly<Record<string, Buffer>>): Promise<Lab> {
    await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { timeout: 60_000 })
    const lab = new Lab(await mkdtemp(join(tmpdir(), 'ferric-lab-')))
    await mkdir(join(lab.dir, 'files'))
    for (const [name, bytes] of Object.entries(images)) await writeFile(lab.file(name), bytes)
    await writeFile(join(lab.dir, 'ironic.conf'), conf(lab.dir))
    await lab.#wire()
    await lab.#start()
    return lab
  }

  file = (name: string): string => join(this.dir, 'files', name)

  /** Runs a program at an end of the link; resolves to what it said, also when it failed. */
  async at(end: 'server' | 'client', ...words: string[]): Promise<string> {
    const [name, args] = ['ip', ['netns', 'exec', this.#names[end], ...words]] as const
    try {
      const { stdout, stderr } = await run(name, args, { timeout: 120_000, maxBuffer: 2 ** 26 })
      return stdout + stderr
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      return `${stdout}${stderr} failed`
    }
  }

  /**
   * Loses and repeats some of the UDP packets that leave either end; this kernel has no netem.
   * @param lost, repeated of 10,000 packets
   * @returns what takes the harm away and tells how many packets were lost and repeated
   */
  async harm(lost: number, repeated: number): Promise<() => Promise<Record<string, number>>> {
    const ends = [
      ['server', 'v0'],
      ['client', 'v1'],
    ] as const
    const one = (what: string, of10000: number) =>
      `meta l4proto udp numgen random mod 10000 < ${of10000} counter name ${what}`
    for (const [end, device] of ends) {
      const rules = `table netdev harm {
  counter lost {}
  counter repeated {}
  chain out {
    type filter hook egress device "${device}" priority 0;
    ${one('lost', lost)} drop
    ${one('repeated', repeated)} dup to "${device}"
  }
}`
      await this.must(end, 'nft', rules)
    }
    return async () => {
      const counted: Record<string, number> = { lost: 0, repeated: 0 }
      for (const [end] of ends) {
        const said = await this.must(end, 'nft', '-j', 'list', 'counters')
        const { nftables } = JSON.parse(said) as {
          nftables: { counter?: { name: string; packets: number } }[]
        }
        for (const { counter } of nftables)
          if (counter !== undefined) counted[counter.name]! += counter.packets
        await this.must(end, 'nft', 'delete', 'table', 'netdev', 'harm')
      }
      return counted
    }
  }

  /** As `at`. @throws when the program fails */
  async must(end: 'server' | 'client', ...words: string[]): Promise<string> {
    const args = ['netns', 'exec', this.#names[end], ...words]
    const { stdout } = await run('ip', args, { timeout: 540_000, maxBuffer: 2 ** 26 })
    return stdout
  }

  /** Starts a program at the server's end that is stopped with the lab's clean-up of its caller. */
  spawnAtServer(words: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.#names.server, ...words], { stdio: 'ignore' })
  }

  /** The API, asked in the server's namespace. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const data = body === undefined ? [] : ['-d', JSON.stringify(body)]
    const headers = ['X-OpenStack-Ironic-API-Version: 1.90', 'Content-Type: application/json']
    const flags = headers.flatMap((header) => ['-H', header])
    const url = `http://${server}:6385${path}`
    const text = await this.at('server', 'curl', '-s', '-X', method, ...flags, ...data, url)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async log(): Promise<string> {
    return readFile(join(this.dir, 'log'), 'utf8')
  }

  async #wire(): Promise<void> {
    const { server: s, client: c } = this.#names
    const ip = async (line: string) => run('ip', line.split(' '), { timeout: 10_000 })
    await ip(`netns add ${s}`)
    await ip(`netns add ${c}`)
    for (const line of [
      'link set lo up',
      'link add br0 type bridge',
      `addr add ${server}/24 dev br0`,
      '-6 addr add 2001:db8::1/64 dev br0 nodad',
      'link set br0 up',
      // Large blocks shall be one packet each: the kernel keeps few bytes for fragments that miss others.
      'link add v0 mtu 9000 type veth peer name v1 mtu 9000',
      'link set v0 master br0 up',
      `link set v1 netns ${c}`,
      'tuntap add tap0 mode tap',
      'link set tap0 mtu 9000 master br0 up',
    ])
      await ip(`-n ${s} ${line}`)
    await ip(`-n ${c} link set lo up`)
    await ip(`-n ${c} link set v1 address ${clientMac} up`)
  }

  async #start(): Promise<void> {
    const out = openSync(join(this.dir, 'log'), 'a')
    const bin = join(root, 'bin', 'ferric.mjs')
    const words = [process.execPath, bin, 'serve', '--config-file', join(this.dir, 'ironic.conf')]
    this.#ferric = spawn('ip', ['netns', 'exec', this.#names.server, ...words], {
      stdio: ['ignore', out, out],
    })
    await until(async () => (await this.log()).includes('Ferric is ready') || undefined, {
      what: 'Ferric is ready',
      timeoutMs: 120_000,
      everyMs: 200,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ferric = this.#ferric
    if (ferric !== undefined && ferric.exitCode === null) {
      const gone = new Promise((resolve) => ferric.once('exit', resolve))
      ferric.kill('SIGTERM')
      await gone
    }
    for (const name of Object.values(this.#names)) await run('ip', ['netns', 'del', name])
    await rm(this.dir, { recursive: true, force: true })
  }
}
