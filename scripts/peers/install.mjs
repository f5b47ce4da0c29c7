// Installs the programs Ferric is compared with: `node scripts/peers/install.mjs clients postgres …`.
// Prints one JSON line per peer: where it is, or why it cannot be had. Quick when it is already there.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PeerError, cacheDir, locked, sh, works } from './cache.mjs'
import { goTests } from './go.mjs'
import { redfishDocuments } from './redfish-documents.mjs'

const WEEK_MS = 7 * 24 * 3600_000
const SYSTEM_PYTHON = '/usr/bin/python3'
const isRoot = process.getuid?.() === 0

/** Virtual environments by peer name: what pip installs, and a file that proves it is complete. */
const venvs = {
  clients: {
    packages: ['python-openstackclient', 'python-ironicclient', 'openstacksdk'],
    proof: 'bin/openstack',
  },
  'ironic-newest': { packages: ['ironic'], proof: 'bin/ironic' },
  'sdk-tests': {
    packages: [
      'openstacksdk',
      'stestr',
      'testtools',
      'oslotest',
      'requests-mock',
      'ddt',
      'hacking',
    ],
    proof: 'bin/stestr',
  },
  'ipa-newest': { packages: ['ironic-python-agent'], proof: 'bin/ironic-python-agent' },
  // Before its commands could be asked for with the token only.
  'ipa-older': { packages: ['ironic-python-agent==9.14.1'], proof: 'bin/ironic-python-agent' },
  keystone: { packages: ['keystone'], proof: 'bin/keystone-manage' },
  neutron: { packages: ['neutron'], proof: 'bin/neutron-db-manage' },
  swift: { packages: ['swift'], proof: 'bin/swift-proxy-server' },
  'nova-newest': { packages: ['nova'], proof: 'bin/nova-compute' },
  tempest: { packages: ['tempest', 'ironic-tempest-plugin'], proof: 'bin/tempest' },
  'redfish-emulator': { packages: ['sushy-tools'], proof: 'bin/sushy-emulator' },
  // A second BMC beside OpenIPMI's, written by others.
  pyghmi: { packages: ['pyghmi'], proof: 'bin/fakebmc' },
  // What the Anaconda installer reads its kickstart files with.
  kickstart: { packages: ['pykickstart'], proof: 'bin/ksvalidator' },
  schemathesis: { packages: ['schemathesis'], proof: 'bin/schemathesis' },
}

let aptUpdated = false

/** Installs Debian packages; PeerError where that may not be. */
export async function apt(packages) {
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    throw new PeerError(
      `needs apt-get install ${packages.join(' ')}, which only root on Debian may`,
    )
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await locked('apt', async () => {
    if (!aptUpdated) await sh('apt-get', ['-q', 'update'], { env })
    aptUpdated = true
    const args = ['-q', 'install', '-y', '--no-install-recommends', ...packages]
    await sh('apt-get', args, { env, timeoutMs: 900_000 })
  })
}

async function python() {
  const found = existsSync(SYSTEM_PYTHON) ? SYSTEM_PYTHON : 'python3'
  if (!(await works(found, ['-c', 'import venv, ensurepip'])))
    await apt(['python3', 'python3-venv'])
  return found
}

function age(marker, wanted) {
  if (!existsSync(marker)) return Infinity
  const { packages, at } = JSON.parse(readFileSync(marker, 'utf8'))
  return packages === wanted ? Date.now() - at : Infinity
}

async function fillVenv(dir, packages) {
  const pip = join(dir, 'bin', 'pip')
  if (!(await works(pip, ['--version']))) {
    rmSync(dir, { recursive: true, force: true })
    await sh(await python(), ['-m', 'venv', dir])
  }
  await sh(pip, ['install', '--quiet', '--upgrade', ...packages], { timeoutMs: 900_000 })
}

/** The newest releases, looked for again after a week; an older set still serves when that fails. */
async function venv(name) {
  const { packages, proof } = venvs[name]
  const dir = join(cacheDir, name)
  const marker = join(dir, '.installed.json')
  await locked(name, async () => {
    if (age(marker, packages.join(' ')) < WEEK_MS && existsSync(join(dir, proof))) return
    try {
      await fillVenv(dir, packages)
      writeFileSync(marker, JSON.stringify({ packages: packages.join(' '), at: Date.now() }))
    } catch (error) {
      if (age(marker, packages.join(' ')) === Infinity) throw error
      process.stderr.write(`${name}: not refreshed: ${error.message}\n`)
    }
  })
  return { dir, python: join(dir, 'bin', 'python') }
}

function postgresBin() {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root)
    ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a))
    : []
  return versions.map((v) => join(root, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

async function postgres() {
  if (!postgresBin()) await apt(['postgresql'])
  const bin = postgresBin()
  if (!bin)
    throw new PeerError('apt-get installed postgresql, yet no initdb is under /usr/lib/postgresql')
  return { bin }
}

async function redis() {
  const binary = '/usr/bin/redis-server'
  if (!existsSync(binary)) await apt(['redis-server'])
  return { binary }
}

async function ironicDebian() {
  const there = () => works(SYSTEM_PYTHON, ['-c', 'import ironic.cmd.singleprocess'])
  if (!(await there())) await apt(['python3-ironic', 'ipmitool'])
  if (!(await there())) throw new PeerError('python3-ironic is installed but cannot be imported')
  return { python: SYSTEM_PYTHON }
}

/** Nova's own code with the clients its ironic driver of 2022 imports, and what makes a config drive. */
async function novaDebian() {
  const there = () => works(SYSTEM_PYTHON, ['-c', 'import nova.virt.ironic, ironicclient'])
  if (!(await there())) await apt(['python3-nova', 'python3-ironicclient'])
  await genisoimage()
  if (!(await there())) throw new PeerError('python3-nova is installed but cannot be imported')
  return { python: SYSTEM_PYTHON }
}

async function genisoimage() {
  if (!existsSync('/usr/bin/genisoimage')) await apt(['genisoimage'])
}

async function novaNewest() {
  await genisoimage()
  return venv('nova-newest')
}

/** gophercloud's acceptance tests for bare metal, compiled. */
const ACCEPTANCE = './internal/acceptance/openstack/baremetal'
const gophercloudTests = {
  name: 'gophercloud',
  module: 'github.com/gophercloud/gophercloud/v2',
  goVersion: '1.25.0',
  tags: 'acceptance',
  packages: {
    v1: `${ACCEPTANCE}/v1`,
    noauth: `${ACCEPTANCE}/noauth`,
    httpbasic: `${ACCEPTANCE}/httpbasic`,
  },
}

/** A BMC, a program that speaks to it, and networks that lose packets. */
const ipmiTools = {
  '/usr/bin/ipmi_sim': 'openipmi',
  '/usr/bin/ipmitool': 'ipmitool',
  '/usr/sbin/ip': 'iproute2',
}

async function ipmi() {
  const missing = Object.entries(ipmiTools).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

/** Machines that boot from the network, and the clients of its protocols. */
const netbootTools = {
  '/usr/sbin/ip': 'iproute2',
  '/usr/bin/curl': 'curl',
  '/usr/sbin/udhcpc': 'udhcpc',
  '/usr/sbin/dhclient': 'isc-dhcp-client',
  '/usr/sbin/dhcrelay': 'isc-dhcp-relay',
  '/usr/bin/tftp': 'tftp-hpa',
  '/usr/bin/atftp': 'atftp',
  '/usr/sbin/nft': 'nftables',
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/lib/ipxe/undionly.kpxe': 'ipxe',
  '/usr/lib/ipxe/qemu/pxe-e1000.rom': 'ipxe-qemu',
}

async function netboot() {
  const missing = Object.entries(netbootTools).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

/** Machines with Redfish BMCs: sushy-tools drives them by libvirt, and boots them from discs of isolinux. */
const libvirtTools = {
  '/usr/sbin/libvirtd': 'libvirt-daemon',
  '/usr/bin/virsh': 'libvirt-clients',
  '/usr/lib/python3/dist-packages/libvirt.py': 'python3-libvirt',
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/lib/ISOLINUX/isolinux.bin': 'isolinux',
  '/usr/lib/syslinux/modules/bios/ldlinux.c32': 'syslinux-common',
}

async function libvirt() {
  const missing = Object.entries(libvirtTools).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

/** What the bench puts beside Ferric's TFTP and HTTP servers, and its clients. */
const bootServers = {
  '/usr/sbin/in.tftpd': 'tftpd-hpa',
  '/usr/sbin/dnsmasq': 'dnsmasq-base',
  '/usr/sbin/nginx': 'nginx-light',
  '/usr/bin/curl': 'curl',
  '/usr/bin/atftp': 'atftp',
}

async function installBootServers() {
  const missing = Object.entries(bootServers).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

async function dockerRegistry() {
  if (!existsSync('/usr/bin/docker-registry')) await apt(['docker-registry', 'openssl'])
  return {}
}

/** Half a minute: 65 MB of Chromium without its windows, and what it links to. */
async function browser() {
  const binary = '/usr/bin/chromium-headless-shell'
  if (!existsSync(binary)) await apt(['chromium-headless-shell', 'fonts-dejavu-core'])
  return { binary }
}

/** A TFTP client that Node programs use, by the name of npm. */
async function npmTftp() {
  const dir = join(cacheDir, 'npm-tftp')
  await locked('npm-tftp', async () => {
    if (existsSync(join(dir, 'node_modules', 'tftp'))) return
    await sh('npm', ['install', '--silent', '--prefix', dir, 'tftp@0.1.2'])
  })
  return { dir }
}

const gophercloud = () => locked('gophercloud', () => goTests(gophercloudTests, apt))

const documents = () => locked('redfish-documents', () => redfishDocuments(python))

/** What images are made with and checked against, by the file that shows a package is there. */
const imageTools = {
  '/usr/bin/qemu-img': 'qemu-utils',
  '/usr/bin/xorriso': 'xorriso',
  '/usr/bin/isoinfo': 'genisoimage',
  '/usr/bin/mcopy': 'mtools',
  '/usr/sbin/tgtd': 'tgt',
  '/usr/sbin/sgdisk': 'gdisk',
  '/usr/sbin/parted': 'parted',
  '/usr/sbin/mkfs.ext4': 'e2fsprogs',
  '/usr/sbin/mkfs.vfat': 'dosfstools',
}

async function installImageTools() {
  const missing = Object.entries(imageTools).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

/** The file systems of the suite that cuts the power, by the file that shows a package is there. */
const fileSystems = {
  '/usr/sbin/mkfs.xfs': 'xfsprogs',
  '/usr/sbin/mkfs.ext4': 'e2fsprogs',
}

async function installFileSystems() {
  const missing = Object.entries(fileSystems).filter(([file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([, name]) => name))
  return {}
}

const installers = {
  browser,
  'file-systems': installFileSystems,
  'image-tools': installImageTools,
  postgres,
  redis,
  'ironic-debian': ironicDebian,
  'nova-debian': novaDebian,
  'nova-newest': novaNewest,
  gophercloud,
  ipmi,
  libvirt,
  netboot,
  'npm-tftp': npmTftp,
  'boot-servers': installBootServers,
  'redfish-documents': documents,
  registry: dockerRegistry,
}

/** Names `install` knows. */
export const peerNames = [...new Set([...Object.keys(venvs), ...Object.keys(installers)])]

/** Installs one peer unless it is there, and tells where it is. Throws PeerError. */
export function install(name) {
  if (installers[name]) return installers[name]()
  if (venvs[name]) return venv(name)
  return Promise.reject(new PeerError(`no such peer: ${name} (known: ${peerNames.join(', ')})`))
}

async function report(name) {
  try {
    return { name, ok: true, ...(await install(name)) }
  } catch (error) {
    if (!(error instanceof PeerError)) throw error
    return { name, ok: false, reason: error.message }
  }
}

if (import.meta.filename === process.argv[1]) {
  for (const name of process.argv.slice(2)) {
    const line = await report(name)
    if (!line.ok) process.exitCode = 1
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
}
