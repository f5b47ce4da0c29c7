// What the drivers read of a service, and what services of several makers have been seen to do otherwise.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/db/columns.js'
import { biosSettings } from '../../../src/db/schema/index.js'
import type { Database } from '../../../src/db/types.js'
import { testDatabase } from '../../_util/database.js'
import { captured, mockupService, type Documents } from '../../_util/redfish/mockup-service.js'
import { survey, taskOn, type Survey } from './_survey.js'

let db: Database
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(async () => db.close())

interface Expected {
  readonly power: string | null
  readonly vendor: string | null
  readonly product: string | undefined
  readonly memoryMb: number | undefined
  readonly localGb: number
  readonly cpu: string
  readonly bootMode: string | null
  /** Settings, and how many of them have rules. */
  readonly bios: readonly [number, number]
  readonly firmware: readonly string[]
  readonly media: number | string
  readonly macs: number
  readonly raid: Survey['raid']
  readonly sensors: JsonObject
}
/** DMTF's mock-up, less what the package has not of it. */
const contoso: Expected = {
  power: 'power on',
  vendor: 'Contoso',
  product: '3500',
  memoryMb: 98304,
  localGb: 99,
  cpu: '16 x86_64',
  bootMode: 'uefi',
  bios: [10, 0],
  firmware: ['bios P79 v1.45 (12/06/2017)', 'bmc 1.00'],
  media:
    'Redfish exception occurred. Error: Resource /redfish/v1/Managers/BMC/VirtualMedia not found',
  macs: 1,
  raid: 'Redfish exception occurred. Error: Resource /redfish/v1/Systems/437XR1138R2/Storage/1/Drives/3F5A8C54207B7233 not found',
  sensors: { Drive: 3, Extra: 3, Fan: 0, Power: 0, Temperature: 0 },
}

/** Of a survey, what the table tells. */
function told(seen: Survey): Expected {
  const { inventory, properties } = seen
  const vendor = inventory['system_vendor'] as JsonObject | undefined
  return {
    power: seen.power,
    vendor: seen.vendor,
    product: vendor?.['product_name'] as string | undefined,
    memoryMb: properties['memory_mb'] as number | undefined,
    localGb: Number(properties['local_gb']),
    cpu: `${String((inventory['cpu'] as JsonObject)['count'])} ${String((inventory['cpu'] as JsonObject)['architecture'])}`,
    bootMode: seen.bootMode,
    bios: [typeof seen.biosSettings === 'number' ? seen.biosSettings : 0, seen.biosRules],
    firmware: seen.firmware,
    media: typeof seen.media === 'string' ? seen.media : seen.media.length,
    macs: seen.macs.length,
    raid: seen.raid,
    sensors: seen.sensors,
  }
}

const read = async (documents: Documents): Promise<Expected> => {
  await using service = await mockupService(documents)
  const seen = told(await survey(db, await taskOn(db, service.url)))
  expect(service.asked.every(({ method }) => method === 'GET')).toBe(true)
  // Faults name the whole address.
  return JSON.parse(JSON.stringify(seen).replaceAll(service.url, '')) as Expected
}

describe('a service', () => {
  it('is read, with faults where it links to nothing', async () => {
    expect(await read(captured('contoso'))).toEqual(contoso)
  })

  it('may list GPUs before its CPUs (seen with a PowerEdge R750, iDRAC 6.00.30.00)', async () => {
    const documents = captured('contoso')
    const path = '/redfish/v1/Systems/437XR1138R2/Processors/CPU1'
    documents.set(path.replace('CPU1', 'CPU2'), documents.get(path))
    const gpu = { ProcessorType: 'GPU', InstructionSet: null, TotalThreads: null }
    documents.set(path, { ...(documents.get(path) as object), ...gpu })
    expect((await read(documents)).cpu).toBe('16 x86_64')
  })

  it('may file a registry under another spelling, beside one that is not there, with bounds beyond all numbers', async () => {
    const documents = captured('contoso')
    const bios = documents.get('/redfish/v1/Systems/437XR1138R2/BIOS') as JsonObject
    // Seen with Supermicro's SYS-821GE-TNHR (the spelling), iLO 5 2.72 (the dead link), NVIDIA's DGX H100 (the bound).
    const spelling = String(bios['AttributeRegistry']).replace('.v1_0_0', '.1.0.0')
    expect(spelling).not.toBe(bios['AttributeRegistry'])
    const members = ['Dead', 'Bios'].map((name) => ({
      '@odata.id': `/redfish/v1/Registries/${name}`,
    }))
    const root = documents.get('/redfish/v1') as JsonObject
    documents.set('/redfish/v1', {
      ...root,
      Registries: { '@odata.id': '/redfish/v1/Registries' },
    })
    documents.set('/redfish/v1/Registries', { Members: members })
    documents.set('/redfish/v1/Registries/Bios', {
      Registry: spelling,
      Location: [{ Language: 'en', Uri: '/registries/bios.json' }],
    })
    const [name] = Object.keys(bios['Attributes'] as object)
    const rule = { AttributeName: name, Type: 'Integer', UpperBound: 2 ** 63, LowerBound: 0 }
    documents.set('/registries/bios.json', { RegistryEntries: { Attributes: [rule] } })
    expect((await read(documents)).bios).toEqual([10, 1])
    const rows = await db.orm.select().from(biosSettings)
    expect(rows.find((row) => row.name === name)).toMatchObject({ upperBound: null, lowerBound: 0 })
  })
})
