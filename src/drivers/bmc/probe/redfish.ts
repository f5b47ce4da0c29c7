import { BmcError } from '../../../protocols/redfish/errors.js'
import { linksOf } from '../../../protocols/redfish/json.js'
import { quirksOf } from '../../../protocols/redfish/quirks.js'
import { bootOf } from '../../../protocols/redfish/resources/boot.js'
import { managersOf, type Manager } from '../../../protocols/redfish/resources/manager.js'
import { readRoot, type ServiceRoot } from '../../../protocols/redfish/resources/service-root.js'
import { allowedResets, type System } from '../../../protocols/redfish/resources/system.js'
import { withBmc, type Bmc } from '../../redfish/bmc.js'
import type { Task } from '../../interfaces.js'
import { Survey, type BmcReport } from './report.js'

/**
 * Asks a BMC what it is, by Redfish. Changes nothing.
 * @throws Invalid, RedfishError, RedfishConnectionError
 */
export const probeRedfish = (task: Task): Promise<BmcReport> =>
  withBmc(task, (bmc) => survey(task, bmc))

async function survey(task: Task, bmc: Bmc): Promise<BmcReport> {
  const { talk, info } = bmc
  const all = new Survey(task.ctx.clock, (error) => error instanceof BmcError)
  const root = await readRoot(talk)
  const system = await bmc.system()
  await all.read('system', () => bmc.system())
  const managers = (await all.read('managers', () => managersOf(talk, system))) ?? []
  const [manager] = managers
  const resets = await all.read('resets', () => allowedResets(talk, system))
  const vendor = root.vendor ?? system.manufacturer
  return {
    protocol: 'redfish',
    bmc: info.address,
    identity: identityOf(root, system, manager),
    session: {
      auth_type: info.authType,
      verifies_certificate: info.verifyCa !== false,
      sessions_offered: root.sessionService !== null,
    },
    supports: { ...(await supportsOf(root, system, managers, all)), resets: resets !== null },
    quirks: quirksOf({ vendor, managerModel: manager?.model ?? null }).names,
    machine: {
      power_state: system.powerState,
      reset_types: resets,
      health: system.health,
      boot: bootOf(system),
    },
    timings: all.timings,
    problems: all.problems,
  }
}

function identityOf(
  root: ServiceRoot,
  system: System,
  manager: Manager | undefined,
): Record<string, unknown> {
  return {
    redfish_version: root.version,
    vendor: root.vendor,
    product: root.product,
    oem: root.oemVendors,
    bmc_model: manager?.model ?? null,
    bmc_firmware: manager?.firmwareVersion ?? null,
    system: system.document.path,
    manufacturer: system.manufacturer,
    model: system.model,
    serial_number: system.serialNumber,
    bios_version: system.biosVersion,
  }
}

async function supportsOf(
  root: ServiceRoot,
  system: System,
  managers: readonly Manager[],
  all: Survey,
): Promise<Record<string, boolean | null>> {
  const boot = await all.read('boot', () => Promise.resolve(bootOf(system)))
  return {
    power: system.resetTarget !== null,
    boot_device: boot === null ? null : boot.target !== null,
    boot_mode: boot === null ? null : boot.mode !== null,
    secure_boot: system.secureBoot !== null,
    bios: system.bios !== null,
    virtual_media:
      system.virtualMedia !== null || managers.some((one) => one.virtualMedia !== null),
    raid: system.storage !== null,
    firmware_update: root.updateService !== null,
    sensors: linksOf(system.chassis).length > 0,
    indicator: system.indicatorLed !== null,
    ethernet_interfaces: system.ethernetInterfaces !== null,
    event_subscriptions: root.eventService !== null,
    expand: root.expandNoLinks === true,
  }
}
