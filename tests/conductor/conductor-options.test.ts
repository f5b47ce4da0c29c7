import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { housekeeping } from '../../src/conductor/periodic/housekeeping.js'
import { recover } from '../../src/conductor/cluster/recovery.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { createLoggers } from '../../src/log/logger.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  likeBed,
  noSignal,
  someone,
  testBed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry

beforeAll(async () => {
  db = await testDatabase()
  drivers = await fakeDrivers()
})
afterAll(async () => db.close())
beforeEach(async () => {
  for (const table of [schema.allocations, schema.nodes, schema.tasks, schema.processes])
    await db.orm.delete(table)
})

const bed = (conductor: Record<string, unknown>) => testBed(db, { drivers, config: { conductor } })

async function deployed(conductor: Record<string, unknown>) {
  const lines: { level: number; msg: string; node?: string }[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const ctx = likeBed(await bed(conductor), { log: createLoggers({ to: { write } }) })
  await registerConductor(ctx)
  const node = await addNode(ctx, { ...allFake, provisionState: 'available' })
  await deploy(ctx, someone, node.uuid, {})
  await drain(ctx)
  const { nodeHistory } = schema
  const history = await db.orm.select().from(nodeHistory).where(eq(nodeHistory.nodeId, node.id))
  const told = lines.filter((line) => line.node === node.uuid && line.msg.includes('with steps='))
  return { told, history: history.map((row) => row.event) }
}

it('log_step_flows_to_syslog tells the steps of a flow in the log, with or without the history', async () => {
  const both = await deployed({ log_step_flows_to_syslog: true })
  expect(both.told.map(({ level, msg }) => [level, msg.split(' with ')[0]])).toEqual([
    [30, 'Starting deployment'],
    [30, 'Deployment completed successfully'],
  ])
  expect(both.history).toEqual(both.told.map(({ msg }) => msg))
  const log = await deployed({
    log_step_flows_to_syslog: true,
    record_step_flows_in_history: false,
  })
  expect([log.told.length, log.history.length]).toEqual([2, 0])
  const history = await deployed({})
  expect([history.told.length, history.history.length]).toEqual([0, 2])
})

it('check_allocations_interval says how often allocations nobody works on are looked for', async () => {
  const ctx = await bed({ check_allocations_interval: 7 })
  const values = { uuid: 'f7a6b2f2-4b1a-4a53-9a10-04d9d5e6a111', resourceClass: 'baremetal' }
  const rest = { state: 'allocating', createdAt: ctx.clock.now(), traits: [], candidateNodes: [] }
  await db.orm.insert(schema.allocations).values({ ...values, ...rest, extra: {} })
  ctx.clock.advance(11_000)
  await recover(ctx, noSignal)
  expect(await db.orm.select().from(schema.tasks)).toEqual([])
  const check = housekeeping(ctx).find((one) => one.name === 'orphaned allocations')
  expect(check?.interval).toBe(7)
  await check?.run(ctx, noSignal)
  expect(await db.orm.select().from(schema.tasks)).toMatchObject([{ kind: 'allocate' }])
})
