import { randomUUID } from 'node:crypto'
import { dnsmasqForget, dnsmasqTell } from '../../../netboot/dnsmasq.js'
import { bootOptions } from '../../../netboot/provider-options.js'
import type { OptionsFor } from '../../../netboot/provider-options.js'
import { removeFiles, writeFiles } from '../../../netboot/written-files.js'
import { pythonStr } from '../../../python/repr.js'
import { bootMode } from '../../driver-info/boot-mode.js'
import { infoOf, setInfo } from '../../internal-info.js'
import { neutronTell } from '../../network/neutron/dhcp.js'
import type { Task } from '../../interfaces.js'
import type { Flavour } from './flavour.js'

const tagKey = 'dnsmasq_tag'

/** Tells others who serve the machine: dnsmasq its options, an operator's server its files. */
export async function announce(task: Task, flavour: Flavour): Promise<void> {
  const { node, ctx } = task
  const { config } = ctx
  if (config.pxe.write_files) await writeFiles(ctx, node.uuid, await macs(task))
  const provider = config.dhcp.dhcp_provider
  if (provider === 'neutron') await neutronTell(task, wantedOptions(task, flavour))
  if (provider === 'dnsmasq') await dnsmasqTellOf(task, wantedOptions(task, flavour))
}

function wantedOptions(task: Task, flavour: Flavour): OptionsFor {
  const cpu = pythonStr(task.node.properties?.['cpu_arch'] ?? 'x86_64')
  return { ...flavour, cpu, firmware: bootMode(task) === 'uefi' ? 'uefi' : 'bios' }
}

async function dnsmasqTellOf(task: Task, wanted: OptionsFor): Promise<void> {
  const { node, ctx } = task
  const known = infoOf(node)[tagKey]
  const tag = typeof known === 'string' ? known : randomUUID()
  setInfo(node, { [tagKey]: tag })
  await task.save()
  const options = bootOptions(ctx.config, wanted)
  await dnsmasqTell(ctx.config, { node: node.uuid, macs: await macs(task), tag, options })
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
