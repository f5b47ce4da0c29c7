import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { purgeTimeline } from '../../src/conductor/periodic/timeline-purge.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import * as schema from '../../src/db/schema/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import type { Database } from '../../src/db/types.js'
import { PolicyForbidden } from '../../src/errors.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { flushTimeline, recordEvent, type TimelineKind } from '../../src/timeline.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  noSignal,
  registerHost,
  someone,
  testBed,
  type Bed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry
let ctx: Bed
let node: NodeRow
const limited = { timeline_max_entries: 3, timeline_days: 10 }

beforeAll(async () => {
  db = await testDatabase()
  drivers = await fakeDrivers()
})
afterAll(async () => db.close())
beforeEach(async () => {
  await flushTimeline(ctx ?? (await testBed(db)))
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.conductors)
  await db.orm.delete(schema.processes)
  ctx = await testBed(db, { drivers, config: { ferric: limited } })
  await registerHost(ctx)
  node = await addNode(ctx, { provisionState: 'available', powerState: 'power off', ...allFake })
})

const record = (summary: string, kind: TimelineKind = 'boot', more: object = {}) =>
  recordEvent(ctx, { nodeUuid: node.uuid, kind, summary, ...more })
const read = (query = '') =>
  apiClient(ctx)('GET', `/ferric/v1/nodes/${node.uuid}/timeline${query}`, { version: '1.1' })
type Entry = { id: number; kind: string; summary: string; detail: Record<string, unknown> }
const entries = async (query = ''): Promise<Entry[]> =>
  (await read(query)).body?.['timeline'] as Entry[]

describe('the timeline of a node', () => {
  it('tells a deployment in the order it went', async () => {
    node = (
      await db.orm
        .update(schema.nodes)
        .set({ instanceInfo: { image_source: 'x' } })
        .returning()
    )[0]!
    await deploy(ctx, someone, node.id, {})
    await drain(ctx)
    const told = (await entries()).filter((e) => e.kind !== 'power')
    expect(told.map((e) => `${e.kind}: ${e.summary}`)).toEqual([
      'lock: reserved by conductor-1 for node deployment',
      'state: available -> deploying',
      'attempt: begins deploy',
      'step: begins deploy step deploy.deploy',
      'step: deploy step deploy.deploy is done',
      'state: deploying -> active',
    ])
    expect(told[1]?.detail).toMatchObject({ event: 'deploy', user: 'user-1', request: 'req-1' })
  })

  it('is read by pages, filtered by kind, both ways round', async () => {
    for (const n of [1, 2, 3, 4]) record(`entry ${n}`, n % 2 === 0 ? 'bmc' : 'boot')
    const first = await read('?limit=3')
    expect((first.body!['timeline'] as Entry[]).map((e) => e.summary)).toEqual([
      'entry 1',
      'entry 2',
      'entry 3',
    ])
    const next = new URL(String(first.body?.['next']))
    expect((await entries(next.search)).map((e) => e.summary)).toEqual(['entry 4'])
    expect((await entries('?kind=bmc&sort_dir=desc')).map((e) => e.summary)).toEqual([
      'entry 4',
      'entry 2',
    ])
    expect((await read('?marker=999999999')).status).toBe(400)
  })

  it('covers secrets, stores what PostgreSQL refuses as JSON, and cuts what is too long', async () => {
    record('odd \u0000 \ud800 text', 'agent-call', {
      agent_secret_token: 's3cret',
      params: { rescue_password: 'p' },
    })
    record('x'.repeat(10_000), 'boot', { much: 'y'.repeat(100_000) })
    const [odd, long] = await entries()
    expect(odd).toMatchObject({
      summary: 'odd \ufffd \ufffd text',
      detail: { agent_secret_token: '******', params: { rescue_password: '******' } },
    })
    expect(long?.summary.length).toBeLessThan(5_000)
    expect(JSON.stringify(long?.detail).length).toBeLessThan(5_000)
  })

  it('folds what comes all the time into one entry a minute', async () => {
    for (let i = 0; i < 100; i++) record('heartbeat', 'heartbeat', { fold: 'active' })
    ctx.clock.advance(60_000)
    record('heartbeat', 'heartbeat', { fold: 'active' })
    expect(await entries()).toHaveLength(2)
  })

  it('goes with its node, and an entry of an unknown node harms no other', async () => {
    recordEvent(ctx, { nodeUuid: 'nobody', kind: 'boot', summary: 'a stranger' })
    record('ours')
    await flushTimeline(ctx)
    expect(await db.orm.select().from(schema.timeline)).toHaveLength(1)
    await db.orm.delete(schema.nodes)
    expect(await db.orm.select().from(schema.timeline)).toHaveLength(0)
  })

  it('keeps as many entries and days as configured', async () => {
    record('old')
    ctx.clock.advance(11 * 86_400_000)
    for (const n of [1, 2, 3, 4, 5]) record(`entry ${n}`)
    await flushTimeline(ctx)
    await purgeTimeline(ctx, noSignal)
    expect((await entries()).map((e) => e.summary)).toEqual(['entry 3', 'entry 4', 'entry 5'])
  })

  it('is not for whoever may not read the history', async () => {
    const auth = { can: (rule: string) => rule === 'baremetal:node:get' }
    const refuse = (rule: string) => {
      throw new PolicyForbidden(rule)
    }
    const authenticate = () => ({ ...auth, authorize: refuse, userId: null, projectId: null })
    const send = apiClient(ctx, { authenticate: authenticate as never })
    expect((await send('GET', `/ferric/v1/nodes/${node.uuid}/timeline`)).status).toBe(403)
  })
})
