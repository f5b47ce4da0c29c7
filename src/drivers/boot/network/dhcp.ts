import { randomUUID } from 'node:crypto'
import { dnsmasqForget, dnsmasqTell } from '../../../netboot/dnsmasq.js'
import { bootOptions } from '../../../netboot/provider-options.js'
import { removeFiles, writeFiles } from '../../../netboot/written-files.js'
import { pythonStr } from '../../../python-repr.js'
import { bootMode } from '../../driver-info/boot-mode.js'
import { infoOf, setInfo } from '../../internal-info.js'
import type { Task } from '../../task.js'
import type { Flavour } from './flavour.js'

const tagKey = 'dnsmasq_tag'

/** Tells others who serve the machine: dnsmasq its options, an operator's server its files. */
export async function announce(task: Task, flavour: Flavour): Promise<void> {
  const { node, ctx } = task
  const { config } = ctx
  if (config.pxe.write_files) await writeFiles(ctx, node.uuid, await macs(task))
  if (config.dhcp.dhcp_provider !== 'dnsmasq') return
  const known = infoOf(node)[tagKey]
  const tag = typeof known === 'string' ? known : randomUUID()
  setInfo(node, { [tagKey]: tag })
  await task.save()
  const mode = bootMode(task)
  const cpu = pythonStr(node.properties?.['cpu_arch'] ?? 'x86_64')
  const options = bootOptions(config, {
    ...flavour,
    cpu,
    firmware: mode === 'uefi' ? 'uefi' : 'bios',
  })
  await dnsmasqTell(config, { node: node.uuid, macs: await macs(task), tag, options })
}

/** Takes that back. */
export async function withdraw(task: Task): Promise<void> {
  const { node, ctx } = task
  const { config } = ctx
  if (config.pxe.write_files) await removeFiles(ctx, node.uuid, await macs(task))
  if (config.dhcp.dhcp_provider === 'dnsmasq') {
    await dnsmasqForget(config, { node: node.uuid, macs: await macs(task) })
  }
}

const macs = async (task: Task): Promise<string[]> => {
  const ports = (await task.ports()).filter(({ pxeEnabled }) => pxeEnabled !== false)
  return ports.flatMap(({ address }) => (address === null ? [] : [address]))
}
