import type { Document, RedfishClient } from '../client.js'
import { BmcError, MissingAction, MissingAttribute, NotThere, ValueRefused } from '../errors.js'
import {
  filled,
  listOf,
  load,
  number,
  optional,
  raw,
  required,
  text,
  type Loaded,
} from '../loader.js'
import type { Talk } from '../talk.js'
import { memberPaths } from './collection.js'
import { readRoot } from './service-root.js'

const shape = {
  id: required('Id', text),
  name: optional('Name', text),
  uuid: optional('UUID', text),
  manufacturer: optional('Manufacturer', filled),
  model: optional('Model', filled),
  sku: optional('SKU', filled),
  serialNumber: optional('SerialNumber', filled),
  biosVersion: optional('BiosVersion', filled),
  powerState: optional('PowerState', text),
  indicatorLed: optional('IndicatorLED', text),
  health: optional('Status/Health', text),
  bootProgress: optional('BootProgress/LastState', text),
  memoryGiB: optional('MemorySummary/TotalSystemMemoryGiB', number),
  processors: optional('Processors/@odata.id', text),
  ethernetInterfaces: optional('EthernetInterfaces/@odata.id', text),
  simpleStorage: optional('SimpleStorage/@odata.id', text),
  storage: optional('Storage/@odata.id', text),
  secureBoot: optional('SecureBoot/@odata.id', text),
  bios: optional('Bios/@odata.id', text),
  virtualMedia: optional('VirtualMedia/@odata.id', text),
  pcieDevices: optional('PCIeDevices', raw),
  settings: optional('@Redfish.Settings/SettingsObject/@odata.id', text),
  chassis: optional('Links/Chassis', raw),
  managers: optional('Links/ManagedBy', raw),
  resetTarget: optional('Actions/#ComputerSystem.Reset/target', text),
  resetTypes: optional(
    'Actions/#ComputerSystem.Reset/ResetType@Redfish.AllowableValues',
    listOf(text),
  ),
  resetInfo: optional('Actions/#ComputerSystem.Reset/@Redfish.ActionInfo', text),
}

/** A computer (ComputerSystem), and the document it was read from. */
export type System = Loaded<typeof shape> & { readonly document: Document }

export const resetTypes = [
  'On',
  'ForceOff',
  'GracefulShutdown',
  'GracefulRestart',
  'ForceRestart',
  'Nmi',
  'ForceOn',
  'PushPowerButton',
  'PowerCycle',
] as const
export type ResetType = (typeof resetTypes)[number]

/** @throws BmcError */
export async function readSystem(talk: Talk, path: string): Promise<System> {
  const document = await talk.get(path)
  return { ...load(shape, document), document }
}

/** The only system of a service, once found. */
const found = new WeakMap<RedfishClient, string>()

/**
 * The node's system: the one asked for, or the only one there is.
 * @throws BmcError when there is none, or more than one
 */
export async function findSystem(talk: Talk, asked: string | null): Promise<System> {
  const known = asked ?? found.get(talk.client)
  if (known === undefined) return await readSystem(talk, await onlySystem(talk))
  try {
    return await readSystem(talk, known)
  } catch (error) {
    if (asked !== null || !(error instanceof NotThere)) throw error
    return await readSystem(talk, await onlySystem(talk))
  }
}

async function onlySystem(talk: Talk): Promise<string> {
  const { systems } = await readRoot(talk)
  if (systems === null) throw new MissingAttribute('Systems/@odata.id', '/redfish/v1/')
  const paths = await memberPaths(talk, systems)
  if (paths.length === 1) {
    found.set(talk.client, paths[0]!)
    return paths[0]!
  }
  throw new BmcError(
    paths.length === 0
      ? 'No ComputerSystem is available on the Redfish service'
      : 'redfish_system_id must be given: the service manages more than one ComputerSystem',
  )
}

/**
 * Resets a system (switches it on or off, among others).
 * @throws BmcError, ValueRefused when the service says beforehand that it does not know the type
 */
export async function resetSystem(talk: Talk, system: System, type: ResetType): Promise<void> {
  const { resetTarget } = system
  if (resetTarget === null) throw new MissingAction('#ComputerSystem.Reset', system.document.path)
  const allowed = await allowedResets(talk, system)
  if (allowed.length > 0 && !allowed.includes(type)) throw new ValueRefused('value', type, allowed)
  await talk.post(resetTarget, { ResetType: type })
}

const infoShape = {
  parameters: optional(
    'Parameters',
    listOf((value, where): { name: string | null; values: readonly string[] | null } =>
      load(
        { name: optional('Name', text), values: optional('AllowableValues', listOf(text)) },
        { path: where.resource, json: value },
      ),
    ),
  ),
}

/** The reset types the service takes; none known: an empty list. */
export async function allowedResets(talk: Talk, system: System): Promise<readonly string[]> {
  if (system.resetTypes !== null || system.resetInfo === null) return system.resetTypes ?? []
  const { parameters } = load(infoShape, await talk.get(system.resetInfo))
  return parameters?.find((p) => p.name === 'ResetType')?.values ?? []
}
