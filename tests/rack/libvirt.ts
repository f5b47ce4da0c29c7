// libvirt in the rack's namespaces: a daemon of its own whose files nobody outside sees, and sushy-tools in
// front of it as the Redfish BMCs of its machines.
import { execFile } from 'node:child_process'
import { copyFileSync, appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../_util/peers/until.js'
import { Daemon } from './daemon.js'
import { say } from './say.js'

const run = promisify(execFile)
const URI = 'qemu:///system'
/** Where Debian's python3-libvirt is, for a Python that has other packages of its own. */
const DEBIAN_PYTHON = '/usr/lib/python3/dist-packages'
const STATE = ['/run/libvirt', '/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt']

/** How the Redfish BMCs of the rack are reached. */
export const redfishAccount = { username: 'admin', password: 'rack-secret' }

/** Runs virsh and returns what it printed. */
export async function virsh(...words: string[]): Promise<string> {
  return (await run('virsh', ['-c', URI, ...words], { timeout: 60_000 })).stdout
}

async function hide(path: string): Promise<void> {
  mkdirSync(path, { recursive: true })
  await run('mount', ['-t', 'tmpfs', 'rack', path])
}

/** The daemon insists on the account that Debian's libvirt-daemon-system makes. */
async function addAccount(dir: string): Promise<void> {
  for (const [name, line] of [
    ['passwd', 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n'],
    ['group', 'libvirt-qemu:x:64055:\n'],
  ] as const) {
    const own = join(dir, name)
    copyFileSync(`/etc/${name}`, own)
    appendFileSync(own, line)
    await run('mount', ['--bind', own, `/etc/${name}`])
  }
}

const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
cgroup_controllers = []
namespaces = []
remember_owner = 0
`
const DAEMON_CONF = 'auth_unix_rw = "none"\nauth_unix_ro = "none"\nunix_sock_group = "root"\n'

let started: Promise<void> | undefined

/** Starts libvirtd and a pool for the images its machines boot from, once. */
export function openLibvirt(parent: string): Promise<void> {
  started ??= start(join(parent, 'libvirt'))
  return started
}

async function start(dir: string): Promise<void> {
  mkdirSync(join(dir, 'pool'), { recursive: true })
  for (const path of [...STATE, '/etc/libvirt']) await hide(path)
  await addAccount(dir)
  writeFileSync('/etc/libvirt/qemu.conf', QEMU_CONF)
  writeFileSync('/etc/libvirt/libvirtd.conf', DAEMON_CONF)
  // The bundle of the rack is in dist/.
  const reaper = join(import.meta.dirname, '..', 'tests', 'rack', 'reaper.py')
  const args = [reaper, 'libvirtd', '--pid-file', join(dir, 'libvirtd.pid')]
  const daemon = new Daemon('/usr/bin/python3', args, join(dir, 'libvirtd.log'))
  const answers = async (): Promise<true | undefined> => {
    if (!daemon.lives) throw new Error(`libvirtd ended early, see ${dir}/libvirtd.log`)
    return await virsh('version').then(
      () => true,
      () => undefined,
    )
  }
  await until(answers, { what: 'answer from libvirtd', timeoutMs: 180_000 })
  await virsh('pool-create-as', 'default', 'dir', '--target', join(dir, 'pool'))
  say('libvirt', 'answers')
}

/** Starts sushy-tools' emulator with its libvirt driver at `address`; it is up when this resolves. */
export async function startRedfish(python: string, address: string, dir: string): Promise<Daemon> {
  const library = join(dir, 'python')
  mkdirSync(library)
  for (const name of ['libvirt.py', 'libvirtmod.cpython-311-x86_64-linux-gnu.so'])
    symlinkSync(join(DEBIAN_PYTHON, name), join(library, name))
  const conf = join(dir, 'emulator.conf')
  writeFileSync(conf, await emulatorConf(python, address, dir))
  const bin = join(python, '..', 'sushy-emulator')
  const args = ['PYTHONPATH=' + library, bin, '--config', conf]
  const daemon = new Daemon('env', args, join(dir, 'bmc.log'))
  const answers = async (): Promise<true | undefined> => {
    if (!daemon.lives) throw new Error(`the emulator ended early, see ${dir}/bmc.log`)
    return await fetch(`http://${address}:8000/redfish/v1/`).then(
      () => true,
      () => undefined,
    )
  }
  await until(answers, { what: `answer from the BMC at ${address}`, timeoutMs: 60_000 })
  return daemon
}

async function emulatorConf(python: string, address: string, dir: string): Promise<string> {
  const { username, password } = redfishAccount
  const hash =
    'import bcrypt,sys;print(bcrypt.hashpw(sys.argv[1].encode(),bcrypt.gensalt(4)).decode())'
  const { stdout } = await run(python, ['-c', hash, password])
  const accounts = join(dir, 'htpasswd')
  writeFileSync(accounts, `${username}:${stdout.trim()}\n`)
  const values = {
    LISTEN_IP: address,
    LISTEN_PORT: 8000,
    STATE_DIR: dir,
    AUTH_FILE: accounts,
    LIBVIRT_URI: URI,
    VMEDIA_DEVICES: { Cd: { Name: 'Virtual CD', MediaTypes: ['CD', 'DVD'] } },
  }
  return Object.entries(values)
    .map(([name, value]) => `SUSHY_EMULATOR_${name} = ${JSON.stringify(value)}\n`)
    .join('')
}
