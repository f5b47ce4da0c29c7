import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { writeIdle } from '../../src/conductor/node/idle-writes.js'
import { syncAll } from '../../src/conductor/periodic/power-sync.js'
import type { NodeRow, NodeUpdate } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  fakeDrivers,
  nodeOf,
  noSignal,
  registerHost,
  testBed,
  withDriver,
  type Bed,
} from './_harness.js'

let db: Database
let real: DriverRegistry
let bed: Bed
/** What happens while a machine is asked. */
let asked: (uuid: string) => Promise<void> = () => Promise.resolve()

beforeAll(async () => {
  db = await testDatabase()
  real = await fakeDrivers()
})
afterAll(() => db.close())
beforeEach(async () => {
  for (const table of [schema.nodes, schema.processes, schema.conductors])
    await db.orm.delete(table)
  asked = () => Promise.resolve()
  const drivers = withDriver(real, (driver) => ({
    ...driver,
    power: {
      ...driver.power,
      getPowerState: async (task) => {
        await asked(task.node.uuid)
        return 'power on' as const
      },
    },
  }))
  const config = { conductor: { force_power_state_during_sync: false } }
  bed = await testBed(db, { drivers, config })
  await registerHost(bed)
})

const node = (values: Partial<NodeRow> = {}) =>
  addNode(bed, { ...allFake, provisionState: 'available', powerState: 'power off', ...values })
const set = (row: NodeRow, values: NodeUpdate) =>
  db.orm.update(schema.nodes).set(values).where(eq(schema.nodes.id, row.id))

describe('a round of the power sync', () => {
  it('writes what many machines said with a few statements, and reserves none', async () => {
    const rows = await Promise.all(Array.from({ length: 300 }, () => node()))
    const spy = vi.spyOn(db.orm, 'execute')
    await syncAll(bed, new Map(), noSignal)
    expect(spy.mock.calls.length).toBeLessThan(30)
    spy.mockRestore()
    const states = await Promise.all(rows.map(async ({ id }) => (await nodeOf(bed, id)).powerState))
    expect(new Set(states)).toEqual(new Set(['power on']))
    expect(await db.orm.select().from(schema.reservations)).toEqual([])
  })

  it.each<[string, NodeUpdate]>([
    ['reserved', { reservation: 'somebody' }],
    ['given another power state', { powerState: 'rebooting' }],
    ['moved to another provision state', { provisionState: 'deploying' }],
    ['put into maintenance', { maintenance: true }],
  ])('does not write to a node that is %s while its machine is asked', async (_what, change) => {
    const [row, other] = [await node(), await node()]
    asked = async (uuid) => {
      if (uuid === row.uuid) await set(row, change)
    }
    const failures = new Map<number, number>()
    await syncAll(bed, failures, noSignal)
    const expected = { powerState: 'power off', provisionState: 'available', ...change }
    expect(await nodeOf(bed, row.id)).toMatchObject(expected)
    expect((await nodeOf(bed, other.id)).powerState).toBe('power on')
    expect([...failures.keys()]).toEqual([other.id])
  })

  it('leaves what heartbeats write meanwhile', async () => {
    const row = await node()
    const driverInternalInfo = { agent_last_heartbeat: 'now' }
    asked = async () => {
      await set(row, { driverInternalInfo, updatedAt: new Date() })
    }
    await syncAll(bed, new Map(), noSignal)
    expect(await nodeOf(bed, row.id)).toMatchObject({ powerState: 'power on', driverInternalInfo })
  })

  it('lets others have their turn while machines answer at once', async () => {
    await Promise.all(Array.from({ length: 200 }, () => node({ powerState: 'power on' })))
    asked = () => {
      for (const until = performance.now() + 1; performance.now() < until;);
      return Promise.resolve()
    }
    let turns = 0
    let next = setImmediate(function turn() {
      turns++
      next = setImmediate(turn)
    })
    await syncAll(bed, new Map(), noSignal)
    clearImmediate(next)
    expect(turns).toBeGreaterThan(15)
  })
})

describe('a finding', () => {
  it('that the database refuses spoils no other of its statement', async () => {
    const rows = await Promise.all([0, 1, 2].map(() => node()))
    const written = await Promise.allSettled(
      rows.map((row, n) =>
        writeIdle(bed, { row, changes: { powerState: n === 2 ? 'x'.repeat(99) : 'power on' } }),
      ),
    )
    expect(written.map((w) => (w.status === 'fulfilled' ? w.value : 'refused'))).toEqual([
      true,
      true,
      'refused',
    ])
  })

  it('that replaces a document is not written over a change of the node', async () => {
    const row = await node({ properties: { cpus: 1 } })
    await set(row, { properties: { cpus: 2 }, updatedAt: new Date() })
    const changes = { properties: { cpus: 1, vendor: 'acme' } }
    expect(await writeIdle(bed, { row, changes, exact: true })).toBe(false)
    expect((await nodeOf(bed, row.id)).properties).toEqual({ cpus: 2 })
  })
})
