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
allow_remote_noauth=true
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

  /** @throws when this process may not make namespaces, or Ferric does not start */
  static async open(kernelBytes: Buffer): Promise<Lab> {
    await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { timeout: 60_000 })
    const lab = new Lab(await mkdtemp(join(tmpdir(), 'ferric-lab-')))
    await mkdir(join(lab.dir, 'files'))
    for (const name of ['kernel', 'ramdisk']) await writeFile(lab.file(name), kernelBytes)
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
      'link add v0 type veth peer name v1',
      'link set v0 master br0 up',
      `link set v1 netns ${c}`,
      'tuntap add tap0 mode tap',
      'link set tap0 master br0 up',
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
