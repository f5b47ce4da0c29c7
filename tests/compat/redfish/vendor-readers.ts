// What reads a document of each kind, and what it must have read of it.
import { asArray, asObject, type Json } from '../../../src/protocols/redfish/json.js'
import { attributeRules, readBios } from '../../../src/protocols/redfish/resources/bios.js'
import { bootOf } from '../../../src/protocols/redfish/resources/boot.js'
import { chassisOf } from '../../../src/protocols/redfish/resources/chassis.js'
import { ethernetInterfaces } from '../../../src/protocols/redfish/resources/ethernet.js'
import { managersOf } from '../../../src/protocols/redfish/resources/manager.js'
import { processorsOf } from '../../../src/protocols/redfish/resources/processor.js'
import { readSecureBoot } from '../../../src/protocols/redfish/resources/secure-boot.js'
import { readRoot } from '../../../src/protocols/redfish/resources/service-root.js'
import {
  drivesOf,
  simpleStoragesOf,
  storagesOf,
} from '../../../src/protocols/redfish/resources/storage.js'
import { readSystem, type System } from '../../../src/protocols/redfish/resources/system.js'
import { virtualDrives } from '../../../src/protocols/redfish/resources/virtual-media.js'
import { readVolume } from '../../../src/protocols/redfish/resources/volume.js'
import { simpleUpdate } from '../../../src/protocols/redfish/resources/update-service.js'
import type { Talk } from '../../../src/protocols/redfish/talk.js'
import { readTask } from '../../../src/protocols/redfish/tasks.js'
import { service, sessions } from '../../protocols/redfish/_service.js'

const link = (path: string): Json => ({ '@odata.id': path })
const here = '/document'

/** A service in which all that can lead to a document leads to this one. */
export function leadingTo(json: Json): Record<string, Json> {
  const many = link('/many')
  return {
    '/redfish/v1/': { Registries: link('/registries'), UpdateService: link(here) },
    '/registries': { Members: [link('/file')] },
    '/file': { Registry: 'Rules', Location: [{ Language: 'en', Uri: here }] },
    '/bios': { AttributeRegistry: 'Rules' },
    '/many': { Members: [link(here)] },
    '/storages': { Members: [link('/storage')] },
    '/storage': { Id: 'storage', Drives: [link(here)] },
    '/system': {
      Id: 'system',
      Links: { Chassis: [link(here)], ManagedBy: [link(here)] },
      SecureBoot: link(here),
      Bios: link(here),
      EthernetInterfaces: many,
      Processors: many,
      SimpleStorage: many,
      Storage: many,
    },
    [here]: json,
  }
}

export interface Reader {
  read(talk: Talk, system: System): Promise<unknown>
  wanted(json: Json): unknown
}

const get = (json: Json, path: string): unknown =>
  path.split('/').reduce<unknown>((value, key) => asObject(value)[key], json) ?? null
/** Values by our names, from where they stand. */
const picked =
  (paths: Readonly<Record<string, string>>) =>
  (json: Json): unknown =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, get(json, path)]))
const one = <T>(all: readonly T[] | null): T => {
  if (all?.length !== 1) throw new Error(`one was to be read, not ${all?.length ?? 'none'}`)
  return all[0]!
}
/** Blank is not set. */
const unset = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() === '' ? null : value

const partsOf = (value: unknown, paths: Readonly<Record<string, string>>): unknown =>
  Object.fromEntries(Object.keys(paths).map((name) => [name, asObject(value)[name]]))

/** A reader whose result has the values under our names. */
function reader(
  paths: Readonly<Record<string, string>>,
  read: (talk: Talk, system: System) => Promise<unknown>,
): Reader {
  const some = async (talk: Talk, system: System) => partsOf(await read(talk, system), paths)
  return { read: some, wanted: picked(paths) }
}

export const readers: Readonly<Record<string, Reader>> = {
  ComputerSystem: {
    async read(talk) {
      const system = await readSystem(talk, here)
      const { id, model, sku, serialNumber, memoryGiB, powerState, biosVersion } = system
      const { target, mode } = bootOf(system)
      return { id, model, sku, serialNumber, memoryGiB, powerState, biosVersion, target, mode }
    },
    wanted: (json) => ({
      id: json['Id'],
      model: get(json, 'Model'),
      sku: unset(get(json, 'SKU')),
      serialNumber: unset(get(json, 'SerialNumber')),
      memoryGiB: get(json, 'MemorySummary/TotalSystemMemoryGiB'),
      powerState: get(json, 'PowerState'),
      biosVersion: get(json, 'BiosVersion'),
      target: unset(get(json, 'Boot/BootSourceOverrideTarget')),
      mode: unset(get(json, 'Boot/BootSourceOverrideMode')),
    }),
  },
  ServiceRoot: reader(
    {
      version: 'RedfishVersion',
      vendor: 'Vendor',
      systems: 'Systems/@odata.id',
      expandNoLinks: 'ProtocolFeaturesSupported/ExpandQuery/NoLinks',
    },
    readRoot,
  ),
  Manager: reader(
    { id: 'Id', model: 'Model', firmwareVersion: 'FirmwareVersion', dateTime: 'DateTime' },
    async (talk, system) => one(await managersOf(talk, system)),
  ),
  Chassis: reader(
    { id: 'Id', thermal: 'Thermal/@odata.id', power: 'Power/@odata.id' },
    async (talk, system) => one(await chassisOf(talk, system)),
  ),
  Bios: reader(
    { attributes: 'Attributes', registry: 'AttributeRegistry' },
    async (talk, system) => await readBios(talk, system),
  ),
  SecureBoot: reader({ enabled: 'SecureBootEnable' }, readSecureBoot),
  EthernetInterface: reader(
    { id: 'Id', mac: 'MACAddress', state: 'Status/State' },
    async (talk, system) => one(await ethernetInterfaces(talk, system)),
  ),
  Processor: reader(
    { type: 'ProcessorType', totalThreads: 'TotalThreads', instructionSet: 'InstructionSet' },
    async (talk, system) => one(await processorsOf(talk, system)),
  ),
  VirtualMedia: reader(
    { id: 'Id', mediaTypes: 'MediaTypes', inserted: 'Inserted', image: 'Image' },
    async (talk) => one(await virtualDrives(talk, '/many')),
  ),
  SimpleStorage: {
    read: async (talk, system) =>
      one(await simpleStoragesOf(talk, system)).devices?.map((d) => d.capacityBytes),
    wanted: (json) => asArray(json['Devices']).map((d) => get(asObject(d), 'CapacityBytes')),
  },
  Storage: reader(
    { id: 'Id', drives: 'Drives', volumes: 'Volumes/@odata.id' },
    async (talk, system) => one(await storagesOf(talk, system)),
  ),
  Drive: reader(
    { id: 'Id', capacityBytes: 'CapacityBytes', mediaType: 'MediaType', protocol: 'Protocol' },
    async (talk, system) => {
      const [storage] = await storagesOf(talk, { ...system, storage: '/storages' })
      return one(await drivesOf(talk, storage!))
    },
  ),
  Volume: reader(
    { id: 'Id', capacityBytes: 'CapacityBytes', raidType: 'RAIDType', volumeType: 'VolumeType' },
    (talk) => readVolume(talk, here),
  ),
  Task: reader({ state: 'TaskState' }, (talk) => readTask(talk, here)),
  UpdateService: {
    // The service of this file answers every POST with its own path.
    read: (talk) => simpleUpdate(talk, 'http://host/image', '/system', null),
    wanted: (json) => get(json, 'Actions/#UpdateService.SimpleUpdate/target'),
  },
  AttributeRegistry: {
    read: async (talk, system) =>
      (await attributeRules(talk, await readBios(talk, { ...system, bios: '/bios' }))).map(
        ({ name, type, readOnly }) => ({ name, type, readOnly }),
      ),
    wanted: (json) =>
      asArray(get(json, 'RegistryEntries/Attributes')).map((entry) => {
        const { AttributeName, Type, ReadOnly } = asObject(entry)
        return { name: AttributeName, type: Type, readOnly: ReadOnly ?? null }
      }),
  },
}

/** What a reader reads of a document. */
export async function readBy(reading: Reader, kind: string, json: Json): Promise<unknown> {
  const documents = leadingTo(json)
  const { handler } = sessions(({ method, path }) => {
    if (method === 'POST') return { status: 202, headers: { Location: path } }
    return path in documents ? { json: documents[path] } : undefined
  })
  const root = kind === 'ServiceRoot' ? json : documents['/redfish/v1/']
  const roots = { ...root, Links: { Sessions: link('/redfish/v1/SessionService/Sessions') } }
  await using bmc = await service(
    (asked) => (asked.path === '/redfish/v1/' ? { json: roots } : handler(asked)),
    { maxAnswerBytes: 4_000_000 },
  )
  return await reading.read(bmc.talk, await readSystem(bmc.talk, '/system'))
}
