import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { heartbeatWork } from '../../src/conductor/ramdisk/heartbeat.js'
import { nodeTask } from '../../src/conductor/node/with-node.js'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import { nodes, ports, tasks } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { addNode, registerHost, someone, testBed, type Bed } from '../conductor/_harness.js'

let db: Database
let ctx: Bed
let send: ReturnType<typeof apiClient>
let deploy: Record<string, unknown> = {}
const version = '1.115'
const url = 'https://10.0.0.9:9999'

beforeAll(async () => {
  db = await testDatabase()
  const drivers = { compose: () => ({ deploy }), hardwareTypes: new Map() }
  ctx = await testBed(db, { drivers: drivers as unknown as DriverRegistry })
  await registerHost(ctx)
  send = apiClient(ctx)
}, 30_000)
afterAll(() => db.close())
beforeEach(async () => {
  deploy = {}
  await db.orm.delete(ports)
  await db.orm.delete(nodes)
})

const stored = async (node: NodeRow) =>
  (await db.orm.select().from(nodes).where(eq(nodes.id, node.id)))[0]!
const lookup = (query: string, at = version) => send('GET', `/v1/lookup?${query}`, { version: at })
const waiting = (values: Partial<NodeInsert> = {}) =>
  addNode(ctx, {
    provisionState: 'wait call-back',
    driverInternalInfo: { agent_secret_token: 'secret' },
    ...values,
  })
const beat = (node: NodeRow, body: Record<string, unknown> = {}, at = version) =>
  send('POST', `/v1/heartbeat/${node.uuid}`, {
    version: at,
    body: { callback_url: url, agent_version: '9.0', agent_token: 'secret', ...body },
  })

describe('lookup', () => {
  it('tells the token to the first who asks, and hides it and other secrets', async () => {
    const node = await addNode(ctx, {
      provisionState: 'deploying',
      instanceInfo: { image_url: 'http://signed', x: 1 },
    })
    const first = await lookup(`node_uuid=${node.uuid}`)
    const { config, node: shown } = first.body as Record<string, Record<string, unknown>>
    expect(config!['agent_token']).toMatch(/^[\w-]{43}$/)
    expect(shown).toMatchObject({
      uuid: node.uuid,
      instance_info: { image_url: '******', x: 1 },
      driver_internal_info: { agent_secret_token: '******' },
    })
    expect((await stored(node)).driverInternalInfo).toEqual({
      agent_secret_token: config!['agent_token'],
    })
    const second = await lookup(`node_uuid=${node.uuid}`)
    expect(second.body?.['config']).toMatchObject({ agent_token: '******' })
  })

  it('gives no token before 1.62, and never a stored one', async () => {
    const node = await waiting()
    const reply = await lookup(`node_uuid=${node.uuid}`, '1.61')
    expect(reply.body?.['config']).toMatchObject({ agent_token: '******' })
  })

  it('finds the node by the addresses of its ports, and only one', async () => {
    const [a, b] = [await waiting(), await waiting()]
    const [x, y] = ['52:54:00:00:00:01', '52:54:00:00:00:02']
    await db.orm.insert(ports).values([
      { uuid: randomUUID(), address: x, nodeId: a.id },
      { uuid: randomUUID(), address: y, nodeId: b.id },
    ])
    const found = await lookup(`addresses=junk,${x.toUpperCase()}`)
    expect(found.body?.['node']).toMatchObject({ uuid: a.uuid })
    expect((await lookup(`addresses=${x},${y}`)).status).toBe(404)
  })

  it.each([
    ['addresses=junk', 400, "At least one of 'addresses' and 'node_uuid' parameters is required"],
    ['node_uuid=x', 400, 'Expected UUID for node_uuid: x'],
    [`node_uuid=${randomUUID()}`, 404, 'Resource could not be found.'],
  ])('refuses %s', async (query, status, fault) => {
    expect(await lookup(query)).toMatchObject({ status, fault })
  })

  it('answers only in states that expect a ramdisk', async () => {
    const node = await addNode(ctx, { provisionState: 'available' })
    expect((await lookup(`node_uuid=${node.uuid}`)).status).toBe(404)
  })

  it('answers 409 while the node is reserved and has no token', async () => {
    const node = await addNode(ctx, { provisionState: 'deploying', reservation: 'h' })
    expect((await lookup(`node_uuid=${node.uuid}`)).status).toBe(409)
  })
})

describe('a heartbeat', () => {
  it('is recorded at once where nothing waits for it', async () => {
    const node = await waiting({ provisionState: 'deploying' })
    deploy = { heartbeat: () => Promise.reject(new Error('not asked')) }
    expect((await beat(node, { agent_verify_ca: 'PEM' })).status).toBe(202)
    expect((await stored(node)).driverInternalInfo).toEqual({
      agent_secret_token: 'secret',
      agent_url: url,
      agent_version: '9.0',
      agent_last_heartbeat: `${ctx.clock.now().toISOString().slice(0, -1)}000`,
      agent_verify_ca: 'PEM',
    })
    expect(await db.orm.select().from(tasks)).toEqual([])
  })

  it('is left alone in states that expect none', async () => {
    const node = await waiting({ provisionState: 'active' })
    expect((await beat(node)).status).toBe(202)
    expect((await stored(node)).driverInternalInfo).toEqual({ agent_secret_token: 'secret' })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['another token', { agent_token: 'x' }, 'Invalid or missing agent token received.'],
    ['no token', { agent_token: null }, 'Agent token is required for heartbeat processing.'],
    ['no TLS', { callback_url: 'http://10.0.0.9:9999' }, 'TLS is required by configuration'],
    [
      'no URL',
      { callback_url: 'not a url' },
      'An issue with the supplied "callback_url" has been detected.',
    ],
    [
      'no version',
      { agent_version: null },
      'Agent did not transmit a version, and a version is required. Please update the agent being used.',
    ],
    [
      'an unknown status',
      { agent_status: 'x' },
      'Agent status is invalid. Valid states are start,end,error.',
    ],
  ])('with %s is refused', async (_what, body, fault) => {
    expect(await beat(await waiting(), body)).toMatchObject({ status: 400, fault })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['1.35', {}, 'Field "agent_version" not recognised'],
    ['1.67', { agent_verify_ca: 'c' }, 'Field "agent_verify_ca" not recognised in this version'],
    [
      '1.71',
      { agent_status: 'start' },
      'Fields "agent_status" and "agent_status_message" not recognised.',
    ],
  ])('at %s may not send what came later', async (at, body, fault) => {
    expect(await beat(await waiting(), body, at)).toMatchObject({ status: 400, fault })
  })

  it('may not change the address of the ramdisk', async () => {
    const node = await waiting({
      driverInternalInfo: { agent_secret_token: 'secret', agent_url: 'https://other' },
    })
    expect((await beat(node)).fault).toBe('Detected change in ramdisk provided "callback_url"')
  })

  it('goes on with the flow that waits when the ramdisk is done', async () => {
    const node = await waiting()
    deploy = { heartbeat: () => Promise.resolve('next') }
    expect((await beat(node)).status).toBe(202)
    const [task] = await db.orm.select().from(tasks)
    expect(task).toMatchObject({ kind: 'heartbeat', nodeId: node.id })
    const work = nodeTask(ctx, someone, { row: await stored(node), held: null })
    await heartbeatWork.run(work, task!.args)
    expect((await stored(node)).provisionState).toBe('deploying')
    expect((await stored(node)).driverInternalInfo).toMatchObject({ agent_url: url })
    expect(ctx.queue.messages.length).toBeGreaterThan(1)
  })

  it('only leaves the node waiting while the ramdisk is busy', async () => {
    const node = await waiting()
    deploy = { heartbeat: () => Promise.resolve('wait') }
    const work = nodeTask(ctx, someone, { row: await stored(node), held: null })
    await heartbeatWork.run(work, { agent_url: url })
    expect(work.node.provisionState).toBe('wait call-back')
    await work.finish()
  })
})
