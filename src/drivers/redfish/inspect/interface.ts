import type { JsonObject } from '../../../db/columns.js'
import { bootOf } from '../../../protocols/redfish/resources/boot.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import { nodeCapabilities } from '../../driver-info/capabilities.js'
import { redfishProperties, validateRedfish } from '../driver-info.js'
import type { FoundHardware, InspectInterface, Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { cpu, interfaces, lldp, pciDevices, storage } from './inventory.js'

const bootModes: Readonly<Record<string, string>> = { UEFI: 'uefi', Legacy: 'bios' }
const essential = ['memory_mb', 'local_gb', 'cpu_arch']

/** Which of the machine's numbers is its serial number: Dell's is the service tag. */
type SerialOf = (system: System) => string | null

async function inspect(task: Task, serialOf: SerialOf): Promise<FoundHardware> {
  const { redfish } = task.ctx.config
  const { inventory, pluginData, properties } = await withBmc(task, (bmc) => read(bmc, serialOf))
  task.node.properties = { ...task.node.properties, ...properties }
  const hooks = redfish.inspection_hooks.replaceAll(
    '$default_inspection_hooks',
    redfish.default_inspection_hooks,
  )
  return { inventory, pluginData, hooks, required: essential }
}

interface Facts {
  readonly inventory: JsonObject
  readonly pluginData: JsonObject
  readonly properties: JsonObject
}

async function read(bmc: Bmc, serialOf: SerialOf): Promise<Facts> {
  const system = await bmc.system()
  const disks = await storage(bmc, system)
  const memory = system.memoryGiB === null ? null : Math.trunc(system.memoryGiB * 1024)
  const mode = bootModes[bootOf(system).mode ?? '']
  const pci = await pciDevices(bmc, system)
  const switches = await lldp(bmc, system)
  const vendor = vendorOf(system, serialOf)
  return {
    inventory: {
      ...(memory ? { memory: { physical_mb: memory } } : {}),
      cpu: await cpu(bmc, system),
      ...(disks.disks === null ? {} : { disks: disks.disks }),
      ...(disks.controllers.length > 0 ? { storage_controllers: disks.controllers } : {}),
      interfaces: await interfaces(bmc, system),
      ...(pci.length > 0 ? { pci_devices: pci } : {}),
      ...(Object.keys(vendor).length > 0 ? { system_vendor: vendor } : {}),
      ...(mode === undefined ? {} : { boot: { current_boot_mode: mode } }),
    },
    pluginData: Object.keys(switches).length > 0 ? { parsed_lldp: switches } : {},
    properties: {
      ...(memory ? { memory_mb: memory } : {}),
      local_gb: disks.localGb,
      ...bootCapability(bmc.task, mode),
    },
  }
}

function vendorOf(system: System, serialOf: SerialOf): JsonObject {
  const parts = {
    product_name: system.model,
    serial_number: serialOf(system),
    manufacturer: system.manufacturer,
    system_uuid: system.uuid,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => Boolean(value)))
}

/** The boot mode becomes a capability unless an operator has set one. */
function bootCapability(task: Task, mode: string | undefined): JsonObject {
  const known = nodeCapabilities(task.node)
  if (mode === undefined || known['boot_mode'] !== undefined) return {}
  const all = { ...known, boot_mode: mode }
  return {
    capabilities: Object.entries(all)
      .map((pair) => pair.join(':'))
      .join(','),
  }
}

/** Inspection by Redfish (`drivers/modules/redfish/inspect.py`). */
export const redfishInspect: InspectInterface = {
  name: 'redfish',
  kind: 'inspect',
  properties: redfishProperties,
  validate: validateRedfish,
  inspectHardware: (task) => inspect(task, (system) => system.serialNumber),
}
/** The same for Dell's machines (`drivers/modules/drac/inspect.py`). */
export const idracInspect: InspectInterface = {
  ...redfishInspect,
  name: 'idrac-redfish',
  inspectHardware: (task) => inspect(task, (system) => system.sku ?? system.serialNumber),
}
