// Documents that came from machines of several makers, through everything that reads of a BMC. They are
// those that libraries ship for their own tests, fetched when this runs (scripts/peers/redfish-documents.mjs).
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/db/columns.js'
import type { Database } from '../../src/db/types.js'
import { probeRedfish } from '../../src/drivers/bmc/probe/redfish.js'
import { setBootDevice } from '../../src/drivers/redfish/management/boot-order.js'
import { getSensorsData } from '../../src/drivers/redfish/management/sensors.js'
import { asArray, asObject, type Json } from '../../src/protocols/redfish/json.js'
import { survey, taskOn } from '../drivers/redfish/_survey.js'
import { testDatabase } from '../_util/database.js'
import { mockupService, plain, type MockupService } from '../_util/redfish/mockup-service.js'
import {
  documentOf,
  machineOf,
  vendorDocuments,
  type Captured,
} from '../_util/redfish/vendor-documents.js'
import { machines, told, type Machine } from './redfish/vendor-machines.js'
import { readBy, readers } from './redfish/vendor-readers.js'

let db: Database
let all: Captured[]
beforeAll(async () => {
  all = await vendorDocuments()
  db = await testDatabase()
}, 600_000)
afterAll(async () => db.close())

/** How many there are of a kind in the pinned releases: none is passed over. */
const counts = {
  AttributeRegistry: 2,
  Bios: 9,
  Chassis: 2,
  ComputerSystem: 15,
  Drive: 6,
  EthernetInterface: 5,
  Manager: 7,
  Processor: 3,
  SecureBoot: 2,
  ServiceRoot: 4,
  SimpleStorage: 2,
  Storage: 2,
  Task: 3,
  UpdateService: 3,
  VirtualMedia: 5,
  Volume: 5,
}

describe('every document', () => {
  it.each(Object.entries(counts))('of the kind %s is read (%i)', async (kind, count) => {
    const some = all.filter((one) => one.kind === kind)
    expect(some).toHaveLength(count)
    const reader = readers[kind]!
    for (const { library, name, json } of some) {
      const read = await readBy(reader, kind, json)
      expect(read, `${library}/${name}`).toEqual(reader.wanted(json))
    }
  })

  it('of a service root says whether lists can be had whole: those of Supermicro can, and name no vendor', async () => {
    const root = documentOf(all, 'libredfish', 'supermicro_service_root')
    expect(await readBy(readers['ServiceRoot']!, 'ServiceRoot', root)).toEqual({
      version: '1.9.0',
      vendor: null,
      systems: '/redfish/v1/Systems',
      expandNoLinks: true,
    })
  })
})

describe('sensors', () => {
  /** Of a chassis that has one document of them. */
  const sensorsOf = async (json: Json): Promise<JsonObject> => {
    const chassis = dirname(plain(String(json['@odata.id'])))
    const system = { Id: '1', Links: { Chassis: [{ '@odata.id': chassis }] } }
    const links = { '/redfish/v1/Systems/1': system }
    await using service = await mockupService(machineOf([json], chassis, links))
    return await getSensorsData(await taskOn(db, service.url))
  }
  const count = (value: unknown): number => Object.keys(asObject(value)).length

  it.each([
    ['Thermal', 4, { Fan: 'Fans', Temperature: 'Temperatures' }],
    ['Power', 5, { Power: 'PowerSupplies' }],
  ])('of the kind %s are read, none in the place of another (%i)', async (kind, many, lists) => {
    const some = all.filter((one) => one.kind === kind)
    expect(some).toHaveLength(many)
    for (const { library, name, json } of some) {
      const sensors = await sensorsOf(json)
      for (const [ours, theirs] of Object.entries(lists)) {
        expect(asArray(json[theirs]).length, `${library}/${name}`).toBeGreaterThan(0)
        expect(count(sensors[ours]), `${library}/${name}`).toBe(asArray(json[theirs]).length)
      }
    }
  })

  it('tell of a power supply that has failed (Lenovo)', async () => {
    const json = documentOf(all, 'libredfish', 'power-lenovo_health_critical')
    expect((await sensorsOf(json))['Power']).toMatchObject({
      '0:Power@1': { health: 'OK', serial_number: 'P1ZS13P0233' },
      '1:Power@1': { health: 'Critical', state: 'Enabled', last_power_output_watts: 358 },
    })
  })
})

describe.each(Object.entries(machines))('%s', (_name, machine: Machine) => {
  const on = async <T>(use: (service: MockupService) => Promise<T>): Promise<T> => {
    await using service = await mockupService(machine.documents(all))
    return await use(service)
  }

  it('is read, with faults where a link leads to what was not captured', async () => {
    const seen = await on(async (service) => {
      const inventory = await survey(db, await taskOn(db, service.url))
      const probe = await probeRedfish(await taskOn(db, service.url))
      expect(service.asked.every(({ method }) => method === 'GET')).toBe(true)
      return JSON.stringify(told(inventory, probe)).replaceAll(service.url, '')
    })
    expect(JSON.parse(seen)).toEqual(JSON.parse(JSON.stringify(machine.told)))
  })

  it('has sensors, each by a name of its own', async () => {
    const sensors = await on(async ({ url }) => getSensorsData(await taskOn(db, url)))
    const named: JsonObject = { ...asObject(sensors['Fan']), ...asObject(sensors['Power']) }
    expect(named).toMatchObject(machine.sensors)
  })

  it('is told to boot from the network in its own way', async () => {
    const changes = await on(async (service) => {
      service.behave(({ method }) => (method === 'PATCH' ? { status: 204 } : undefined))
      await setBootDevice(await taskOn(db, service.url), 'pxe', false)
      return service.asked.filter(({ method }) => method !== 'GET')
    })
    expect(changes).toEqual([{ method: 'PATCH', ...machine.boot }])
  })
})
