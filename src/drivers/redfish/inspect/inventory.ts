import type { JsonObject } from '../../../db/columns.js'
import type { Document } from '../../../protocols/redfish/client.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import { asArray, asObject, linkOf, linksOf } from '../../../protocols/redfish/json.js'
import { chassisOf } from '../../../protocols/redfish/resources/chassis.js'
import { members } from '../../../protocols/redfish/resources/collection.js'
import { ethernetInterfaces } from '../../../protocols/redfish/resources/ethernet.js'
import { processorsOf } from '../../../protocols/redfish/resources/processor.js'
import {
  drivesOf,
  simpleStoragesOf,
  storagesOf,
  type Drive,
  type Storage,
} from '../../../protocols/redfish/resources/storage.js'
import { volumesOf } from '../../../protocols/redfish/resources/volume.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import type { Bmc } from '../bmc.js'
import { isMacAddress } from '../../../identifiers.js'

/** What a BMC knows of its machine, in the form of the agent's inventory (`drivers/modules/redfish/inspect.py`). */

const GIB = 1024 ** 3
const architectures: Readonly<Record<string, string>> = {
  'ARM-A32': 'arm',
  'ARM-A64': 'aarch64',
  'IA-64': 'ia64',
  MIPS32: 'mips',
  MIPS64: 'mips64',
  x86: 'i686',
  'x86-64': 'x86_64',
}

/** What a part tells; a part that cannot be read is as one that is not there. */
export async function orNothing<T>(
  bmc: Bmc,
  what: string,
  read: () => Promise<T>,
  none: T,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const { ctx, node } = bmc.task
    ctx.log.bmc.debug({ reason: error.message, node: node.uuid, what }, 'the BMC does not tell')
    return none
  }
}

/** Processors, as `cpu`. */
export async function cpu(bmc: Bmc, system: System): Promise<JsonObject> {
  const none = { count: 0, architecture: '' }
  const all = await orNothing(bmc, 'processors', () => processorsOf(bmc.talk, system), [])
  const [first] = all
  if (first === undefined) return none
  const threads = all.reduce((sum, p) => sum + (p.totalThreads ?? 0), 0)
  return {
    count: threads,
    architecture: architectures[first.instructionSet ?? ''] ?? '',
    ...(first.model === null ? {} : { model_name: first.model }),
    ...(first.maxSpeedMhz === null ? {} : { frequency: first.maxSpeedMhz }),
  }
}

export interface StorageFacts {
  readonly localGb: number
  readonly disks: JsonObject[] | null
  readonly controllers: JsonObject[]
}

/** Disks, controllers, and the size of the smallest first disk that is large enough. */
export async function storage(bmc: Bmc, system: System): Promise<StorageFacts> {
  const none: Storage[] = []
  const storages = await orNothing(bmc, 'storage', () => storagesOf(bmc.talk, system), none)
  const simple = await orNothing(
    bmc,
    'simple storage',
    () => simpleStoragesOf(bmc.talk, system),
    null,
  )
  const devices = (simple ?? []).flatMap((s) => s.devices ?? [])
  const drives: Drive[] = []
  const controllers: JsonObject[] = []
  const volumes: (number | null)[] = []
  for (const one of storages) {
    const own = await orNothing(bmc, 'drives', () => drivesOf(bmc.talk, one), [])
    drives.push(...own)
    controllers.push(controller(one, own))
    const made = await orNothing(bmc, 'volumes', () => volumesOf(bmc.talk, one), [])
    volumes.push(...made.map((v) => v.capacityBytes))
  }
  const listed = storages.length > 0 ? drives : devices
  const size = firstLarge(volumes) || firstLarge(drives.map((d) => d.capacityBytes))
  return {
    localGb: localGb(firstLarge(devices.map((d) => d.capacityBytes)), size),
    disks:
      storages.length > 0 || simple !== null
        ? listed.map((d) => ({ name: d.name, size: d.capacityBytes }))
        : null,
    controllers,
  }
}

/** The smallest size of at least 4 GiB; 0 when there is none. */
function firstLarge(sizes: readonly (number | null)[]): number {
  const large = sizes.filter((size) => size !== null && size >= 4 * GIB)
  return Math.min(...(large.length > 0 ? (large as number[]) : [0]))
}

/** One GiB less than there is, as the schedulers of OpenStack want it. */
function localGb(a: number, b: number): number {
  const bytes = a > 0 && b > 0 ? Math.min(a, b) : Math.max(a, b)
  return Math.max(0, Math.trunc(bytes / GIB - 1))
}

function controller(one: Storage, drives: readonly Drive[]): JsonObject {
  const json = asObject(one.document.json)
  const parts = asArray(json['StorageControllers']).map(asObject)
  return {
    id: one.id ?? '',
    name: one.name,
    storage_controllers: parts.map((part) => ({
      member_id: part['MemberId'] ?? null,
      name: part['Name'] ?? null,
      raid_types: asArray(part['SupportedRAIDTypes']),
      speed_gbps: part['SpeedGbps'] ?? null,
      controller_protocols: asArray(part['SupportedControllerProtocols']),
      device_protocols: asArray(part['SupportedDeviceProtocols']),
      ...health(part['Status']),
    })),
    drives: drives.map(driveFacts),
  }
}

function driveFacts(drive: Drive): JsonObject {
  const json = asObject(drive.document.json)
  return {
    name: drive.name,
    size: drive.capacityBytes,
    id: drive.id,
    media_type: drive.mediaType,
    serial_number: json['SerialNumber'] ?? null,
    manufacturer: json['Manufacturer'] ?? null,
    model: drive.model,
    revision: json['Revision'] ?? null,
    ...(drive.protocol === null ? {} : { protocol: drive.protocol }),
    ...health(json['Status']),
  }
}

function health(status: unknown): JsonObject {
  const { Health, State, HealthRollup } = asObject(status)
  const known = Object.entries({ health: Health, state: State, health_rollup: HealthRollup })
  const told = known.filter(([, value]) => value !== undefined && value !== null)
  return told.length === 0 ? {} : { status: Object.fromEntries(told) }
}

/** Network interfaces with an address. */
export async function interfaces(bmc: Bmc, system: System): Promise<JsonObject[]> {
  const nics = await orNothing(bmc, 'interfaces', () => ethernetInterfaces(bmc.talk, system), [])
  return nics.flatMap((nic) => {
    const mac = (nic.mac || nic.permanentMac || '').toLowerCase().replaceAll('-', ':')
    if (!isMacAddress(mac)) return []
    const speed = nic.speedMbps === null ? {} : { speed_mbps: Math.trunc(nic.speedMbps) }
    return [{ mac_address: mac, name: nic.id, ...speed }]
  })
}

const pciFields: Readonly<Record<string, string>> = {
  class: 'DeviceClass',
  product_id: 'DeviceId',
  vendor_id: 'VendorId',
  subsystem_id: 'SubsystemId',
  subsystem_vendor_id: 'SubsystemVendorId',
  revision: 'RevisionId',
}

/** PCI functions. */
export async function pciDevices(bmc: Bmc, system: System): Promise<JsonObject[]> {
  const collection = linkOf(system.pcieDevices)
  const read = async (): Promise<JsonObject[]> => {
    const devices =
      collection === null
        ? await each(bmc, linksOf(system.pcieDevices))
        : await members(bmc.talk, collection)
    const found: JsonObject[] = []
    for (const device of devices) {
      const functions = linkOf(asObject(device.json)['PCIeFunctions'])
      if (functions === null) continue
      found.push(...(await members(bmc.talk, functions)).map((f) => pciFunction(f.json)))
    }
    return found.filter((f) => Object.keys(f).length > 0)
  }
  return await orNothing(bmc, 'PCI devices', read, [])
}

async function each(bmc: Bmc, paths: readonly string[]): Promise<Document[]> {
  const found: Document[] = []
  for (const path of paths) found.push(await bmc.talk.get(path))
  return found
}

function pciFunction(json: unknown): JsonObject {
  const entries = Object.entries(pciFields).map(
    ([name, key]) => [name, asObject(json)[key]] as const,
  )
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null))
}

const lldpFields: Readonly<Record<string, string>> = {
  switch_chassis_id: 'ChassisId',
  switch_port_id: 'PortId',
  switch_system_name: 'SystemName',
  switch_system_description: 'SystemDescription',
  switch_vlan_id: 'ManagementVlanId',
}

/** What switches said on the ports of network adapters, by port. */
export async function lldp(bmc: Bmc, system: System): Promise<JsonObject> {
  const found: JsonObject = {}
  const read = async (): Promise<void> => {
    for (const chassis of await chassisOf(bmc.talk, system)) {
      if (chassis.networkAdapters === null) continue
      for (const adapter of await members(bmc.talk, chassis.networkAdapters)) {
        const ports = linkOf(asObject(adapter.json)['Ports'])
        const documents = ports === null ? [] : await members(bmc.talk, ports)
        for (const port of documents) addPort(found, asObject(port.json))
      }
    }
  }
  await orNothing(bmc, 'LLDP', read, undefined)
  return found
}

function addPort(found: JsonObject, port: JsonObject): void {
  const received = asObject(asObject(port['Ethernet'])['LLDPReceive'])
  const values = Object.entries(lldpFields).map(([name, key]) => [name, received[key]] as const)
  const told = values.filter(([, value]) => value !== undefined && value !== null && value !== '')
  const id = port['Id']
  if (told.length > 0 && typeof id === 'string') found[id] = Object.fromEntries(told)
}
