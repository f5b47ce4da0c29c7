import { createSocket } from 'node:dgram'
import type { Config } from '../config/index.js'
import { findLinks } from '../netboot/links.js'
import { openLoader } from '../netboot/loaders.js'
import { readRange } from '../netboot/ranges.js'

/** What `ferric doctor` looks at where machines are served. */
export const bootChecks = (config: Config) => [
  { name: 'boot links', run: () => checkLinks(config) },
  { name: 'boot ports', run: () => checkPorts(config) },
  { name: 'boot programs', run: () => checkLoaders(config) },
]

async function checkLinks(config: Config): Promise<string> {
  await Promise.resolve()
  const { v4 } = findLinks(config.ferric.boot_links)
  for (const range of config.ferric.dhcp_range) readRange(range)
  if (v4.length === 0) throw new Error('no network to serve machines on')
  return v4.map(({ name, address }) => `${name} ${address}`).join(', ')
}

async function checkPorts({ ferric, dhcp }: Config): Promise<string> {
  const own = (dhcp.dhcp_provider ?? 'ferric') === 'ferric'
  const ports = [ferric.boot_tftp_port, ...(own ? [67, 4011] : [])]
  for (const port of ports) await bindUdp(port)
  return `${ports.join(', ')}/udp can be had`
}

function bindUdp(port: number): Promise<void> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve()))
  })
}

async function checkLoaders(config: Config): Promise<string> {
  const { pxe } = config
  const wanted = [
    pxe.ipxe_bootfile_name,
    pxe.uefi_ipxe_bootfile_name,
    pxe.pxe_bootfile_name,
    pxe.uefi_pxe_bootfile_name,
  ]
  const [found, missing]: [string[], string[]] = [[], []]
  for (const name of wanted) {
    const loader = await openLoader(config, name)
    await loader?.file.close()
    ;(loader === null ? missing : found).push(name)
  }
  if (found.length === 0) throw new Error(`none of ${missing.join(', ')}: install ipxe or pxelinux`)
  return missing.length === 0
    ? found.join(', ')
    : `${found.join(', ')}; missing: ${missing.join(', ')}`
}
