import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { interfacePeriodics } from '../../src/conductor/periodic/interfaces.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { dropInfo } from '../../src/drivers/internal-info.js'
import type { RaidInterface, Reserve, Task } from '../../src/drivers/interfaces.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
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
let ctx: Bed
let visited: string[] = []
let poll: (task: Task, reserve: Reserve) => Promise<void>

beforeAll(async () => {
  db = await testDatabase()
  real = await fakeDrivers()
})
afterAll(async () => db.close())
beforeEach(async () => {
  for (const table of [schema.nodes, schema.tasks, schema.conductors, schema.processes]) {
    await db.orm.delete(table)
  }
  visited = []
  ctx = await testBed(db, { drivers: polling(real) })
  await registerHost(ctx)
})

/** The fake driver whose RAID interface watches jobs. */
function polling(registry: DriverRegistry): DriverRegistry {
  const change = (raid: RaidInterface): RaidInterface => ({
    ...raid,
    periodics: [
      {
        name: 'jobs',
        interval: () => 7,
        states: ['clean wait'],
        filter: (node) => node.driverInternalInfo?.['job'] !== undefined,
        run: (task, reserve) => {
          visited.push(task.node.uuid)
          return poll(task, reserve)
        },
      },
    ],
  })
  const changed = withDriver(registry, (driver) => ({ ...driver, raid: change(driver.raid) }))
  return new Proxy(changed, {
    get(target, name: keyof DriverRegistry) {
      if (name !== 'implementation') return target[name]
      const find: DriverRegistry['implementation'] = (kind, implementation) => {
        const found = registry.implementation(kind, implementation)
        if (kind !== 'raid' || implementation !== 'fake') return found
        return change(found as RaidInterface) as typeof found
      }
      return find
    },
  })
}

const step = { interface: 'raid', step: 'create_configuration' }
const waiting = (values: object = {}) =>
  addNode(ctx, {
    ...allFake,
    provisionState: 'clean wait',
    targetProvisionState: 'available',
    cleanStep: step,
    driverInternalInfo: { job: 1, clean_steps: [step], clean_step_index: 0 },
    ...values,
  })
const round = () => {
  const own = interfacePeriodics(ctx).filter((p) => p.name === 'raid fake: jobs')
  expect(own.map((p) => p.interval)).toEqual([7])
  return own[0]!.run(ctx, noSignal)
}

describe('what an implementation asks to have run', () => {
  it('visits its own nodes that fit, and leaves the locked and the others alone', async () => {
    poll = () => Promise.resolve()
    const node = await waiting()
    await waiting({ driverInternalInfo: {} })
    await waiting({ reservation: 'somebody' })
    await waiting({ maintenance: true })
    await waiting({ raidInterface: 'no-raid' })
    await waiting({ provisionState: 'cleaning' })
    await round()
    expect(visited).toEqual([node.uuid])
  })

  it('goes on with the flow when the job is done', async () => {
    poll = (_task, reserve) =>
      reserve(async (held, flow) => {
        dropInfo(held.node, ['job'])
        await flow.resume()
      })
    const node = await waiting()
    await round()
    expect(await nodeOf(ctx, node.id)).toMatchObject({ provisionState: 'cleaning' })
    await drain(ctx)
    const after = await nodeOf(ctx, node.id)
    expect(after).toMatchObject({ provisionState: 'available', reservation: null })
    expect(after.driverInternalInfo).not.toHaveProperty('job')
  })

  it('ends the flow when the job failed', async () => {
    poll = (_task, reserve) => reserve((_held, flow) => flow.fail('the job failed'))
    const node = await waiting()
    await round()
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'clean failed',
      lastError: 'the job failed',
      reservation: null,
    })
  })

  it('does nothing when the node was locked or changed meanwhile, and spares the rest', async () => {
    const [locked, changed, broken, last] = [
      await waiting(),
      await waiting(),
      await waiting(),
      await waiting(),
    ]
    const set = (id: number, values: object) =>
      db.orm.update(schema.nodes).set(values).where(eq(schema.nodes.id, id))
    const done: number[] = []
    poll = async (task, reserve) => {
      if (task.node.id === locked.id) await set(locked.id, { reservation: 'x' })
      if (task.node.id === changed.id) await set(changed.id, { driverInternalInfo: {} })
      if (task.node.id === broken.id) throw new Error('no answer')
      await reserve(async (held) => {
        done.push(held.node.id)
      })
    }
    await round()
    expect(visited).toHaveLength(4)
    expect(done).toEqual([last.id])
  })
})
