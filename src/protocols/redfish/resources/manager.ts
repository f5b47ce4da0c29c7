import type { Document } from '../client.js'
import { linksOf } from '../json.js'
import { load, optional, required, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { memberPaths } from './collection.js'
import { readRoot } from './service-root.js'
import type { System } from './system.js'

const shape = {
  id: required('Id', text),
  uuid: optional('UUID', text),
  model: optional('Model', text),
  firmwareVersion: optional('FirmwareVersion', text),
  manufacturer: optional('Manufacturer', text),
  serialNumber: optional('SerialNumber', text),
  virtualMedia: optional('VirtualMedia/@odata.id', text),
  dateTime: optional('DateTime', text),
  localOffset: optional('DateTimeLocalOffset', text),
}
/** The BMC itself (Manager). */
export type Manager = Loaded<typeof shape> & { readonly document: Document }

/**
 * The managers of a system; of a system that names none, those of the service.
 * @throws BmcError
 */
export async function managersOf(talk: Talk, system: System): Promise<Manager[]> {
  const linked = linksOf(system.managers)
  const { managers } = await readRoot(talk)
  const paths = linked.length > 0 || managers === null ? linked : await memberPaths(talk, managers)
  const found: Manager[] = []
  for (const path of paths) found.push(await readManager(talk, path))
  return found
}

/** @throws BmcError */
export async function readManager(talk: Talk, path: string): Promise<Manager> {
  const document = await talk.get(path)
  return { ...load(shape, document), document }
}
