import { isIPv6 } from 'node:net'
import { InvalidParameterValue } from '../../../errors.js'
import { bootOptions, bootOptions6 } from '../../../netboot/provider-options.js'
import type { OptionsFor } from '../../../netboot/provider-options.js'
import { NeutronError } from '../../../openstack/neutron/client.js'
import type { ExtraDhcpOption } from '../../../openstack/neutron/types.js'
import type { Task } from '../../interfaces.js'
import { FailedToUpdateDHCPOptOnPort } from '../errors.js'
import { neutronClient } from './client.js'
import { portLikes } from './port-info.js'

/** `dhcp_provider = neutron`: Neutron's DHCP tells machines what to boot (`dhcp/neutron.py`). */

/** Neutron keeps no longer values of boot files (`pxe_utils._dhcp_option_file_or_url`). */
const longestValue = 64

/**
 * Gives the ports the machine uses now their boot options.
 * @throws FailedToUpdateDHCPOptOnPort when there is no port, or none takes them;
 *   InvalidParameterValue for an option that is too long
 */
export async function neutronTell(task: Task, wanted: OptionsFor): Promise<void> {
  const options = optionsOf(task, wanted)
  const { uuid } = task.node
  const { network } = task.driver
  const vifs = (await portLikes(task)).flatMap(({ row }) => network.currentVif?.(task, row) ?? [])
  if (vifs.length === 0) {
    throw new FailedToUpdateDHCPOptOnPort(
      `No VIFs found for node ${uuid} when attempting to update DHCP BOOT options.`,
    )
  }
  let told = 0
  for (const vif of vifs) told += (await tellOne(task, vif, options)) ? 1 : 0
  if (told === 0) {
    throw new FailedToUpdateDHCPOptOnPort(
      `Failed to set DHCP BOOT options for any port on node ${uuid}.`,
    )
  }
  const { port_setup_delay: seconds } = task.ctx.config.neutron
  // Neutron's agents take a while to hear of it, and machines may be quicker.
  if (seconds > 0) await task.ctx.clock.sleep(seconds * 1000, task.signal)
}

function optionsOf(task: Task, wanted: OptionsFor): ExtraDhcpOption[] {
  const { config } = task.ctx
  const families = [
    [4, bootOptions(config, wanted)],
    [6, bootOptions6(config, wanted)],
  ] as const
  const options = families.flatMap(([ip_version, found]) =>
    found.map(({ name, value }) => ({ opt_name: name, opt_value: value, ip_version })),
  )
  const files = options.filter((one) => /^(tag:!ipxe6?,)?(67|59)$/.test(one.opt_name))
  if (files.every(({ opt_value: file }) => file.length <= longestValue)) return options
  throw new InvalidParameterValue(
    'The resulting boot file or URL length exceeds Neutron limitations. Please explore shorter file names or hostnames.',
  )
}

/** False when Neutron refuses; other ports may do. */
async function tellOne(
  task: Task,
  vif: string,
  options: readonly ExtraDhcpOption[],
): Promise<boolean> {
  const client = neutronClient(task.ctx)
  const log = task.ctx.log.network
  const seen = { node: task.node.uuid, vif }
  try {
    const { fixed_ips: addresses } = await client.port(vif, task.signal)
    if (addresses.length === 0) log.warn(seen, 'a Neutron port without addresses boots nothing')
    const versions = new Set(addresses.map((one) => (isIPv6(one.ip_address) ? 6 : 4)))
    const fitting = options.filter((one) => versions.has(one.ip_version === 6 ? 6 : 4))
    await client.updatePort(vif, { extra_dhcp_opts: fitting }, task.signal)
    return true
  } catch (error) {
    task.signal.throwIfAborted()
    if (!(error instanceof NeutronError)) throw error
    log.warn({ ...seen, error }, 'DHCP options of a Neutron port could not be set')
    return false
  }
}
