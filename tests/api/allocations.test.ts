import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allocations, nodes } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { addNode, registerHost, testBed, type Bed } from '../conductor/_harness.js'

let db: Database
let ctx: Bed
let send: ReturnType<typeof apiClient>
const version = '1.115'
const path = '/v1/allocations'

beforeAll(async () => {
  db = await testDatabase()
  ctx = await testBed(db)
  await registerHost(ctx)
  send = apiClient(ctx)
}, 30_000)
afterAll(() => db.close())
beforeEach(async () => {
  await db.orm.delete(nodes)
  await db.orm.delete(allocations)
})

const post = (body: unknown, at = version) => send('POST', path, { version: at, body })

describe('allocations', () => {
  it('takes any text for its UUID, as upstream does', async () => {
    const body = { resource_class: 'compute', uuid: 'x ✓' }
    const reply = await send('POST', '/v1/allocations', { version: '1.115', body })
    expect([reply.status, reply.body?.['uuid']]).toEqual([201, 'x ✓'])
    expect(reply.headers.get('location')).toMatch(/\/v1\/allocations\/x%20%E2%9C%93$/)
  })

  it('are answered as they are before they are processed, and handed to a conductor', async () => {
    const made = await post({ resource_class: 'rc', name: 'al', extra: { a: 1 } })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ state: 'allocating', node_uuid: null, candidate_nodes: [] })
    expect(Object.keys(made.body ?? {}).join()).toBe(
      'uuid,created_at,updated_at,candidate_nodes,extra,last_error,name,owner,resource_class,state,traits,links,node_uuid',
    )
    expect(ctx.queue.messages.at(-1)?.queue).toBe('conductor')
    const old = await send('GET', `${path}/al`, { version: '1.59' })
    expect(old.body).not.toHaveProperty('owner')
  })

  it.each([
    ['no class', {}, 'The resource_class field is mandatory when not backfilling'],
    [
      'a bad name',
      { resource_class: 'rc', name: 'a b' },
      "Cannot create allocation with invalid name 'a b'",
    ],
    [
      'unknown candidates',
      { resource_class: 'rc', candidate_nodes: ['x'] },
      'Nodes cannot be found: x',
    ],
    ['an unknown node', { node: 'nope' }, 'Node nope could not be found.'],
    ['a bad trait', { resource_class: 'rc', traits: [''] }, "Schema error: '' is too short"],
  ])('refuse %s', async (_what, body, fault) => {
    expect(await post(body)).toMatchObject({ status: 400, fault })
  })

  it.each([
    ['1.51', {}, 405, 'The API version does not allow allocations'],
    ['1.59', { resource_class: 'rc', owner: 'o' }, 406, 'Request not acceptable.'],
    [
      '1.57',
      { node: 'x' },
      400,
      "Schema error: Additional properties are not allowed ('node' was unexpected)",
    ],
  ])('at %s refuse what came later', async (at, body, status, fault) => {
    expect(await post(body, at)).toMatchObject({ status, fault })
  })

  it('keep candidates as UUIDs in the order given', async () => {
    const a = await addNode(ctx, { name: 'a' })
    const b = await addNode(ctx, { name: 'b' })
    const made = await post({ resource_class: 'rc', candidate_nodes: ['b', a.uuid] })
    expect(made.body?.['candidate_nodes']).toEqual([b.uuid, a.uuid])
  })

  it('take the instance of a node in use as their UUID, and are found below it', async () => {
    const instanceUuid = randomUUID()
    await addNode(ctx, { name: 'used', provisionState: 'active', instanceUuid })
    const made = await post({ node: 'used' })
    expect(made.body).toMatchObject({ uuid: instanceUuid, state: 'active' })
    const below = await send('GET', '/v1/nodes/used/allocation', { version })
    expect(below.body).toMatchObject({ uuid: instanceUuid })
    const refused = await send('DELETE', '/v1/nodes/used/allocation', { version })
    expect(refused.status).toBe(409)
  })

  it('are filtered and paged', async () => {
    for (const name of ['a', 'b', 'c']) await post({ resource_class: `rc-${name}`, name })
    const one = await send('GET', `${path}?resource_class=rc-b&fields=name`, { version })
    expect(one.body?.['allocations']).toMatchObject([{ name: 'b' }])
    const page = await send('GET', `${path}?limit=2&sort_key=name&sort_dir=desc`, { version })
    expect(page.body?.['next']).toMatch(/allocations\?sort_key=name&sort_dir=desc&limit=2&marker=/)
  })

  it('may change name and extra only', async () => {
    await post({ resource_class: 'rc', name: 'a' })
    const patch = (ops: unknown) => send('PATCH', `${path}/a`, { version, body: ops })
    expect(await patch([{ op: 'replace', path: '/state', value: 'x' }])).toMatchObject({
      fault: 'Cannot patch /state. Only the following can be updated: name, extra',
    })
    const named = await patch([{ op: 'replace', path: '/name', value: 'b' }])
    expect(named.body).toMatchObject({ name: 'b' })
    expect(named.body?.['updated_at']).not.toBeNull()
  })
})
