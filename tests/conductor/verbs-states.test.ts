import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isActionable } from '../../src/conductor/state/machine.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { states, type Event, type State } from '../../src/conductor/state/states.js'
import { clean } from '../../src/conductor/verbs/clean.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { inspect } from '../../src/conductor/verbs/inspect.js'
import { provisioningAction } from '../../src/conductor/verbs/provisioning-action.js'
import { rescue, unrescue } from '../../src/conductor/verbs/rescue.js'
import { service } from '../../src/conductor/verbs/service.js'
import { tearDown } from '../../src/conductor/verbs/tear-down.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  nodeOf,
  someone,
  testBed,
  type Bed,
} from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await testDatabase()
  ctx = await testBed(db, { drivers: await fakeDrivers() })
  await registerConductor(ctx)
})
afterAll(async () => db.close())

const steps = [{ interface: 'power', step: 'reboot' }]
const verbs: [Event, string, (id: string) => Promise<void>][] = [
  ['deploy', 'deploy', (id) => deploy(ctx, someone, id, {})],
  ['rebuild', 'rebuild', (id) => deploy(ctx, someone, id, { rebuild: true })],
  ['delete', 'delete', (id) => tearDown(ctx, someone, id)],
  ['clean', 'manual clean', (id) => clean(ctx, someone, id, { steps })],
  ['service', 'service', (id) => service(ctx, someone, id, { steps })],
  ['inspect', 'inspect', (id) => inspect(ctx, someone, id)],
  ['rescue', 'rescue', (id) => rescue(ctx, someone, id, 'pw')],
  ['unrescue', 'unrescue', (id) => unrescue(ctx, someone, id)],
  ['provide', 'provide', (id) => provisioningAction(ctx, someone, id, 'provide')],
  ['manage', 'manage', (id) => provisioningAction(ctx, someone, id, 'manage')],
  ['adopt', 'adopt', (id) => provisioningAction(ctx, someone, id, 'adopt')],
  ['abort', 'abort', (id) => provisioningAction(ctx, someone, id, 'abort')],
  ['unhold', 'unhold', (id) => provisioningAction(ctx, someone, id, 'unhold')],
]

/** The fake inspection cannot be aborted: that one refusal is the driver's. */
const byDriver = (event: Event, state: State): boolean =>
  event === 'abort' && state === 'inspect wait'

async function outcome(act: () => Promise<void>): Promise<{ status: number; message: string }> {
  try {
    await act()
    return { status: 202, message: '' }
  } catch (error) {
    return error as { status: number; message: string }
  }
}

describe.each(verbs)('%s', (event, action, verb) => {
  it.each(states)('in %s is accepted or refused as the state machine says', async (state) => {
    const node = await addNode(ctx, { ...allFake, provisionState: state })
    const { status, message } = await outcome(() => verb(node.uuid))
    const after = await nodeOf(ctx, node.id)
    const accepted = isActionable(state, event) && !byDriver(event, state)
    const refusal = isActionable(state, event)
      ? 'Driver fake-hardware does not support abort (disabled or not implemented).'
      : `The requested action "${action}" can not be performed on node "${node.uuid}" while it is in state "${state}".`
    expect({ status, message }).toEqual(
      accepted ? { status: 202, message: '' } : { status: 400, message: refusal },
    )
    expect(after.provisionState === state && !accepted).toBe(!accepted)
    await drain(ctx)
    const settled = await nodeOf(ctx, node.id)
    expect(settled.reservation).toBeNull()
    await db.orm.delete(schema.nodes)
  })
})
