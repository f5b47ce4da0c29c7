import type { Document } from '../client.js'
import { linksOf } from '../json.js'
import { listOf, load, number, objectOf, optional, raw, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { members } from './collection.js'
import type { System } from './system.js'

const controllerShape = {
  id: optional('MemberId', text),
  name: optional('Name', text),
  manufacturer: optional('Manufacturer', text),
  model: optional('Model', text),
  firmwareVersion: optional('FirmwareVersion', text),
  raidTypes: optional('SupportedRAIDTypes', listOf(text)),
}
const shape = {
  id: optional('Id', text),
  name: optional('Name', text),
  drives: optional('Drives', raw),
  volumes: optional('Volumes/@odata.id', text),
  controllers: optional('StorageControllers', listOf(objectOf(controllerShape))),
  controllersLink: optional('Controllers/@odata.id', text),
}
const driveShape = {
  id: optional('Id', text),
  name: optional('Name', text),
  model: optional('Model', text),
  capacityBytes: optional('CapacityBytes', number),
  mediaType: optional('MediaType', text),
  protocol: optional('Protocol', text),
  indicatorLed: optional('IndicatorLED', text),
  state: optional('Status/State', text),
  health: optional('Status/Health', text),
}
const simpleShape = {
  id: optional('Id', text),
  name: optional('Name', text),
  devices: optional(
    'Devices',
    listOf(
      objectOf({
        name: optional('Name', text),
        model: optional('Model', text),
        capacityBytes: optional('CapacityBytes', number),
        state: optional('Status/State', text),
        health: optional('Status/Health', text),
      }),
    ),
  ),
}

type At = { readonly document: Document }
/** A storage subsystem: controllers, drives, volumes (Storage). */
export type Storage = Loaded<typeof shape> & At
export type Drive = Loaded<typeof driveShape> & At
export type SimpleStorage = Loaded<typeof simpleShape>
export type Controller = Loaded<typeof controllerShape>

/** @throws BmcError; a system without storage has none */
export async function storagesOf(talk: Talk, system: System): Promise<Storage[]> {
  if (system.storage === null) return []
  const documents = await members(talk, system.storage)
  return documents.map((document) => ({ ...load(shape, document), document }))
}

/** @throws BmcError */
export async function drivesOf(talk: Talk, storage: Storage): Promise<Drive[]> {
  const found: Drive[] = []
  for (const path of linksOf(storage.drives)) {
    const document = await talk.get(path)
    found.push({ ...load(driveShape, document), document })
  }
  return found
}

/** The controllers of a subsystem: a collection in newer services, a list in older ones. @throws BmcError */
export async function controllersOf(talk: Talk, storage: Storage): Promise<readonly Controller[]> {
  if (storage.controllersLink === null) return storage.controllers ?? []
  const documents = await members(talk, storage.controllersLink)
  return documents.map((document) => ({
    ...load({ ...controllerShape, id: optional('Id', text) }, document),
  }))
}

/** Null when the system has no simple storage. @throws BmcError */
export async function simpleStoragesOf(
  talk: Talk,
  system: System,
): Promise<SimpleStorage[] | null> {
  if (system.simpleStorage === null) return null
  const documents = await members(talk, system.simpleStorage)
  return documents.map((document) => load(simpleShape, document))
}
