import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { clean } from '../../src/conductor/verbs/clean.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { manageNode, provideNode } from '../../src/conductor/verbs/provisioning-action.js'
import { service } from '../../src/conductor/verbs/service.js'
import { tearDown } from '../../src/conductor/verbs/tear-down.js'
import type { NodeRow } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { StepKind } from '../../src/drivers/interfaces.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import { liveAgain, loggingSteps, workUntilDeath, type Death } from './_crash.js'
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

const names = ['one', 'two', 'three', 'four', 'five', 'six']
let effects: string[] = []
let db: Database
let drivers: DriverRegistry
let ctx: Bed

const logging = (kind: StepKind) => loggingSteps(kind, names, (step) => effects.push(step))

beforeAll(async () => {
  db = await testDatabase()
  const real = await fakeDrivers()
  const steps = [...logging('deploy'), ...logging('clean'), ...logging('service')]
  drivers = withDriver(real, (driver) => ({ ...driver, deploy: { ...driver.deploy, steps } }))
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  effects = []
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
})

const asked = names.map((step) => ({ interface: 'deploy', step }))
const flows: [
  string,
  { from: string; to: string; effects: string[]; verb: (id: string) => Promise<void> },
][] = [
  [
    'deploy',
    { from: 'available', to: 'active', effects: names, verb: (id) => deploy(ctx, someone, id, {}) },
  ],
  [
    'manual clean',
    {
      from: 'manageable',
      to: 'manageable',
      effects: names,
      verb: (id) => clean(ctx, someone, id, { steps: asked }),
    },
  ],
  [
    'provide',
    {
      from: 'manageable',
      to: 'available',
      effects: names,
      verb: (id) => provideNode(ctx, someone, id),
    },
  ],
  [
    'service',
    {
      from: 'active',
      to: 'active',
      effects: names,
      verb: (id) => service(ctx, someone, id, { steps: asked }),
    },
  ],
  [
    'tear-down',
    { from: 'active', to: 'available', effects: names, verb: (id) => tearDown(ctx, someone, id) },
  ],
  [
    'verify',
    { from: 'enroll', to: 'manageable', effects: [], verb: (id) => manageNode(ctx, someone, id) },
  ],
]

/** Each step once or more, none before the one it follows. */
const inOrder = (): string[] => effects.filter((effect, i) => effect !== effects[i - 1])

describe.each<Death>(['lost', 'unacknowledged'])(
  'a process killed at any statement (%s)',
  (death) => {
    it.each(flows)('leaves a %s that the next one brings to its end', async (_name, flow) => {
      let killed = true
      for (let n = 1; killed; n++) {
        effects = []
        const node = await addNode(ctx, { ...allFake, provisionState: flow.from })
        await flow.verb(node.uuid)
        killed = await workUntilDeath(ctx, n, death)
        ctx = await liveAgain(ctx)
        await expectDone(node, flow)
        expect(n).toBeLessThan(40)
      }
    })
  },
)

async function expectDone(node: NodeRow, flow: { to: string; effects: string[] }) {
  expect(await nodeOf(ctx, node.id)).toMatchObject({
    provisionState: flow.to,
    targetProvisionState: null,
    reservation: null,
    lastError: null,
    maintenance: false,
  })
  expect(inOrder()).toEqual(flow.effects)
  expect(await db.orm.select().from(schema.tasks)).toEqual([])
  expect(await db.orm.select().from(schema.reservations)).toEqual([])
}
