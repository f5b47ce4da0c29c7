// The network of the rack: one bridge in the namespace this process runs in, and a tap for each machine.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The provisioning network; Ferric and the image server are its first address. */
export const network = { bridge: 'rack0', server: '10.28.0.1', prefix: 24, subnet: '10.28.0' }

const ip = async (...args: string[]): Promise<void> => {
  await run('ip', args, { timeout: 10_000 })
}

/** Makes the bridge. Throws when this process may not, or when it is not alone in its namespace. */
export async function openNetwork(): Promise<void> {
  const { stdout } = await run('ip', ['-o', 'link'])
  if (stdout.trim().split('\n').length > 1)
    throw new Error('the rack wants a network namespace of its own: run it by scripts/rack.mjs')
  await ip('link', 'set', 'lo', 'up')
  await ip('link', 'add', network.bridge, 'type', 'bridge')
  await ip('addr', 'add', `${network.server}/${network.prefix}`, 'dev', network.bridge)
  await ip('link', 'set', network.bridge, 'up')
  // A bridge without a live port has no carrier, and is then no interface to serve on.
  await ip('link', 'add', 'plug', 'type', 'veth', 'peer', 'name', 'plug-end')
  await ip('link', 'set', 'plug-end', 'up')
  await ip('link', 'set', 'plug', 'master', network.bridge, 'up')
}

/** A tap on the bridge for one machine. */
export async function addTap(name: string): Promise<void> {
  await ip('tuntap', 'add', name, 'mode', 'tap')
  await ip('link', 'set', name, 'master', network.bridge, 'up')
}

/** A further address of this host, for a BMC. */
export async function addAddress(address: string): Promise<void> {
  await ip('addr', 'add', `${address}/32`, 'dev', 'lo')
}
