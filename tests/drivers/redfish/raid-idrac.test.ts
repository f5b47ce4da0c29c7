// RAID of an iDRAC 9, of whose documents the package that has them lacks the storage: it has none here.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PatientClock } from '../../conductor/_clock.js'
import { captured, mockupService, type MockupService } from '../../_util/redfish/mockup-service.js'
import { testTask, type TestTask } from '../_util/task.js'

const system = '/redfish/v1/Systems/System.Embedded.1'
let service: MockupService
beforeEach(async () => {
  const documents = captured('idrac')
  documents.set('/redfish/v1/Systems', { Members: [{ '@odata.id': system }] })
  documents.set(`${system}/Storage`, { Members: [] })
  service = await mockupService(documents)
})
afterEach(async () => service[Symbol.asyncDispose]())

const clock = new PatientClock()
const task = (): Promise<TestTask> =>
  testTask({
    node: {
      driver: 'idrac',
      provisionState: 'cleaning',
      driverInfo: { redfish_address: service.url, redfish_system_id: system },
      driverInternalInfo: {},
    },
    config: {
      DEFAULT: {
        enabled_hardware_types: ['idrac'],
        enabled_raid_interfaces: ['idrac-redfish', 'no-raid'],
      },
      redfish: { connection_attempts: 1 },
    },
    ctx: { clock },
  })
const remove = async (one: TestTask) =>
  one.driver.raid.steps?.find((s) => s.step === 'delete_configuration')?.run(one, {})
const asksReady = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('GetRemoteServicesAPIStatus')

it('needs no ramdisk to be cleaned, and offers no deletion as a service', async () => {
  const steps = (await task()).driver.raid.steps ?? []
  expect(steps.map((s) => [s.kind, s.step, s.requiresRamdisk ?? true])).toEqual([
    ['clean', 'create_configuration', false],
    ['deploy', 'apply_configuration', true],
    ['service', 'apply_configuration', true],
    ['clean', 'delete_configuration', false],
    ['deploy', 'delete_configuration', true],
  ])
})

it('waits until the iDRAC does changes at once, and asks then', async () => {
  const answers = ['NotReady', 'NotReady', 'Ready']
  service.behave((asked) =>
    asksReady(asked) ? { json: { RTStatus: answers.shift() } } : undefined,
  )
  const one = await task()
  const began = clock.now().getTime()
  expect(await remove(one)).toBeUndefined()
  expect(clock.now().getTime() - began).toBeGreaterThanOrEqual(20_000)
  expect(service.asked.filter(asksReady)).toHaveLength(3)
  expect(service.asked.some(({ method }) => method === 'DELETE')).toBe(false)
  expect(one.node.raidConfig).toMatchObject({ logical_disks: [] })
})

it('goes on when the iDRAC does not become ready', async () => {
  service.behave((asked) => (asksReady(asked) ? { json: { RTStatus: 'NotReady' } } : undefined))
  const one = await task()
  expect(await remove(one)).toBeUndefined()
  expect(service.asked.filter(asksReady)).toHaveLength(30)
})

it('says that the iDRAC does not tell', async () => {
  service.behave(() => undefined)
  const one = await task()
  await expect(remove(one)).rejects.toThrow(
    `Manager OEM extension method failed to get real-time ready status on node ${one.node.uuid}`,
  )
})
