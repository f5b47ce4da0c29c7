import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSensors, sensors } from '../../src/conductor/periodic/sensors.js'
import { registry } from '../../src/metrics.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  fakeDrivers,
  noSignal,
  registerHost,
  testBed,
  withDriver,
} from './_harness.js'

let db: Database
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(async () => db.close())

const data = {
  Temperature: { 'CPU 1': { 'Sensor ID': 'CPU 1', 'Sensor Reading': '42 (+/- 1) degrees C' } },
  Fan: { 'Fan@1': { reading: 4200, reading_units: 'RPM' }, broken: { state: 'Absent' } },
  Drive: { ssd: { state: 'Enabled' } },
}

it('publishes the sensors of active nodes, of the kinds asked for', async () => {
  const drivers = withDriver(await fakeDrivers(), (driver) => ({
    ...driver,
    management: { ...driver.management, getSensorsData: () => Promise.resolve(data) },
  }))
  const config = { sensor_data: { send_sensor_data: true, data_types: ['Temperature', 'Fan'] } }
  const ctx = await testBed(db, { drivers, config })
  await registerHost(ctx)
  const node = await addNode(ctx, { ...allFake, provisionState: 'active' })
  await addNode(ctx, { ...allFake, provisionState: 'available' })
  await addNode(ctx, { ...allFake, provisionState: 'active', maintenance: true })
  expect(sensors(ctx).interval).toBe(600)
  await readSensors(ctx, noSignal)
  const text = await registry.getSingleMetricAsString('ferric_sensor_reading')
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    `ferric_sensor_reading{node="${node.uuid}",type="Temperature",sensor="CPU 1"} 42`,
    `ferric_sensor_reading{node="${node.uuid}",type="Fan",sensor="Fan@1"} 4200`,
  ])
})

it('does nothing unless it is asked to', async () => {
  expect(sensors(await testBed(db)).interval).toBe(0)
})
