import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { withNode } from '../../src/conductor/node/with-node.js'
import type { Database } from '../../src/db/types.js'
import { registry } from '../../src/metrics.js'
import { testDatabase } from '../_util/database.js'
import { addNode, allFake, drain, fakeDrivers, someone, testBed, type Bed } from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  // The counters are the process', and other files of tests ran in it before.
  registry.resetMetrics()
  db = await testDatabase()
  ctx = await testBed(db, { drivers: await fakeDrivers() })
  await registerConductor(ctx)
})
afterAll(async () => db.close())

it('a deploy is counted: its task, its steps, the states it went through', async () => {
  const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
  await deploy(ctx, someone, node.uuid, {})
  await drain(ctx)
  const text = await registry.metrics()
  for (const line of [
    /ferric_task_seconds_count\{kind="deploy",driver="fake-hardware",outcome="done"\} 1/,
    /ferric_step_seconds_count\{flow="deploy",step="deploy.deploy",driver="fake-hardware",outcome="done"\} 1/,
    /ferric_provision_state_total\{state="deploying"\} 1/,
    /ferric_provision_state_total\{state="active"\} 1/,
  ]) {
    expect(text).toMatch(line)
  }
})

it('a request that finds the node locked is counted', async () => {
  const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
  const again = { purpose: 'another change', retry: false }
  await withNode(ctx, someone, node.uuid, { purpose: 'a change' }, async () => {
    const second = withNode(ctx, someone, node.uuid, again, () => Promise.resolve())
    await expect(second).rejects.toThrow(/is locked by host/)
  })
  expect(await registry.metrics()).toMatch(/ferric_node_locked_total\{purpose="another change"\} 1/)
})
