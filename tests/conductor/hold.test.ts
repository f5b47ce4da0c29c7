import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { clean } from '../../src/conductor/verbs/clean.js'
import { abortNode } from '../../src/conductor/verbs/provisioning-action.js'
import { service } from '../../src/conductor/verbs/service.js'
import type { NodeRow } from '../../src/db/rows.js'
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
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  ctx = await testBed(db, { drivers: await fakeDrivers() })
  await registerConductor(ctx)
})

async function nodeIn(provisionState: string, more: Partial<NodeRow> = {}): Promise<NodeRow> {
  return await addNode(ctx, { ...allFake, ...more, provisionState })
}
async function after(node: NodeRow): Promise<NodeRow> {
  await drain(ctx)
  return await nodeOf(ctx, node.id)
}
const hold = { interface: 'deploy', step: 'hold' }

describe('abort in a hold', () => {
  it('ends a manual clean at once', async () => {
    const node = await nodeIn('manageable')
    await clean(ctx, someone, node.uuid, { steps: [hold] })
    expect(await after(node)).toMatchObject({ provisionState: 'clean hold' })
    await abortNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      provisionState: 'clean failed',
      targetProvisionState: 'manageable',
      reservation: null,
      cleanStep: null,
      lastError: expect.stringContaining('the clean operation was aborted'),
    })
  })

  it('ends servicing at once', async () => {
    const node = await nodeIn('active')
    await service(ctx, someone, node.uuid, { steps: [hold] })
    expect(await after(node)).toMatchObject({ provisionState: 'service hold' })
    await abortNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      provisionState: 'active',
      reservation: null,
      serviceStep: null,
      lastError: expect.stringContaining('the service operation was aborted'),
    })
  })

  it('ends a deployment at once', async () => {
    const deployStep = { ...hold, priority: 150 }
    const node = await nodeIn('deploy hold', { targetProvisionState: 'active', deployStep })
    await abortNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      provisionState: 'deploy failed',
      reservation: null,
      lastError: expect.stringContaining('the deploy operation was aborted'),
    })
  })
})
