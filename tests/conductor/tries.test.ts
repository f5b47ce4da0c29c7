import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import type { NodeRow } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { liveAgain, loggingSteps, rise, workUntilDeath, type Death } from './_crash.js'
import {
  addNode,
  allFake,
  fakeDrivers,
  nodeOf,
  someone,
  testBed,
  withDriver,
  type Bed,
} from './_harness.js'

let db: Database
let ctx: Bed
let effects: string[] = []

const names = Array.from({ length: 20 }, (_, n) => `step${n}`)
const steps = loggingSteps('deploy', names, (step) => effects.push(step))

beforeAll(async () => {
  db = await testDatabase()
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  effects = []
  const drivers = withDriver(await fakeDrivers(), (driver) => ({
    ...driver,
    deploy: { ...driver.deploy, steps },
  }))
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
})

/** One life after another, each of which dies when it wants to tell that a step is done. */
async function dieOften(times: number, death: Death): Promise<NodeRow> {
  const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
  await deploy(ctx, someone, node.uuid, {})
  for (let n = 0; n < times; n++) {
    // The first life stores the first step after it took the task, the others the next one.
    expect(await workUntilDeath(ctx, n === 0 ? 3 : 2, death)).toBe(true)
    ctx = (await rise(ctx)).bed
  }
  return node
}

const attempts = async () => (await db.orm.select().from(schema.tasks))[0]?.attempts

it('does not give work up whose process dies often, as long as it comes further each time', async () => {
  const node = await dieOften(15, 'unacknowledged')
  expect(await attempts()).toBe(1)
  ctx = await liveAgain(ctx)
  expect(await nodeOf(ctx, node.id)).toMatchObject({ provisionState: 'active', lastError: null })
  expect(effects.filter((effect, i) => effect !== effects[i - 1])).toEqual(names)
})

it('gives work up that died ten times at the same step', async () => {
  const node = await dieOften(10, 'lost')
  expect(await attempts()).toBe(10)
  ctx = await liveAgain(ctx)
  expect(await nodeOf(ctx, node.id)).toMatchObject({
    provisionState: 'deploy failed',
    reservation: null,
    lastError:
      "The deploying state can't be resumed by conductor conductor-1. Moving to fail state.",
  })
})
