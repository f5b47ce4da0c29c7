import { afterAll, beforeAll, expect, it } from 'vitest'
import { FleetMetrics } from '../../src/api/fleet-metrics.js'
import { startHealth, type HealthServer } from '../../src/api/server.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { acquire } from '../../src/conductor/lock/reservation.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { addNode, fakeDrivers, noSignal, testBed, type Bed } from '../conductor/_harness.js'

let db: Database
let bed: Bed
let health: HealthServer

beforeAll(async () => {
  db = await testDatabase()
  bed = await testBed(db, { drivers: await fakeDrivers() })
  await registerConductor(bed)
  health = await startHealth(bed, '127.0.0.1', 0)
})
afterAll(async () => {
  await health.close(0)
  await db.close()
})

async function scrape(): Promise<string> {
  return await (await fetch(`${health.url}/metrics`)).text()
}

it('the fleet is counted by driver, state and maintenance, and what is under way', async () => {
  await addNode(bed, { provisionState: 'available' })
  await addNode(bed, { provisionState: 'available' })
  const { id } = await addNode(bed, { provisionState: 'active', maintenance: true })
  await acquire(bed, id, { purpose: 'a test', retry: false, signal: noSignal })
  await db.orm.insert(schema.tasks).values({
    id: '00000000-0000-4000-8000-000000000001',
    kind: 'deploy',
    args: {},
    queue: 'conductor',
    createdAt: new Date(bed.clock.now().getTime() - 7_000),
  })
  const text = await scrape()
  expect(text).toContain(
    'ferric_nodes{driver="fake-hardware",state="available",maintenance="false"} 2',
  )
  expect(text).toContain('ferric_nodes{driver="fake-hardware",state="active",maintenance="true"} 1')
  expect(text).toContain('ferric_tasks{kind="deploy",state="queued"} 1')
  expect(text).toContain(`ferric_reservations{host="${bed.host}"} 1`)
  expect(text).toContain('ferric_lock_waiters 0')
  expect(text).toContain('ferric_oldest_queued_task_seconds 7')
  expect(text).toContain('ferric_process_cpu_seconds_total')
})

it('what is gone is counted no more, once the figures are read again', async () => {
  await db.orm.delete(schema.tasks)
  expect(await scrape()).toContain('ferric_tasks{kind="deploy"')
  await bed.clock.sleep(6_000)
  expect(await scrape()).not.toContain('ferric_tasks{kind="deploy"')
})

it('a listener for supervisors serves nothing of the API', async () => {
  expect((await fetch(`${health.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${health.url}/v1/nodes`)).status).toBe(404)
})

it('a database that is away costs the figures of the fleet, not those of the process', async () => {
  const gone = await testDatabase()
  const other = await testBed(gone)
  const fleet = new FleetMetrics(other)
  await gone.close()
  await expect(fleet.text()).rejects.toThrow(/Failed query/)
  const alone = await startHealth(other, '127.0.0.1', 0)
  try {
    const text = await (await fetch(`${alone.url}/metrics`)).text()
    expect(text).toContain('ferric_process_cpu_seconds_total')
    expect(text).not.toContain('ferric_nodes{')
  } finally {
    await alone.close(0)
  }
})
