import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodes } from '../../src/db/schema/index.js'
import { isAmong } from '../../src/db/many.js'
import type { NodeRow } from '../../src/db/rows.js'
import { openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow

beforeAll(async () => {
  bench = await openBench({
    api: { max_json_body_size: 16_384, max_json_body_size_inspection: 16_384 },
  })
  node = await bench.add({ name: 'one', provisionState: 'inspect wait' })
}, 30_000)
afterAll(() => bench[Symbol.asyncDispose]())

const send = (method: string, path: string, body: unknown) =>
  bench.send(method, path, { version, body })
const mac = (n: number) =>
  `52:54:00:${n
    .toString(16)
    .padStart(6, '0')
    .replace(/(..)(?=.)/g, '$1:')}`

describe('a list longer than a statement has parameters', () => {
  it('of traits is refused', async () => {
    const traits = Array.from({ length: 40_000 }, (_, n) => `CUSTOM_${n}`)
    const reply = await send('PUT', `/v1/nodes/${node.uuid}/traits`, { traits })
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain('maximum number of traits per node (40000 vs. 50)')
  })

  it('of interfaces in inspection data is refused', async () => {
    const interfaces = Array.from({ length: 70_000 }, (_, n) => ({
      name: `e${n}`,
      mac_address: mac(n),
    }))
    const reply = await send('POST', '/v1/continue_inspection', { inventory: { interfaces } })
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain('has 70000 interfaces; at most 4096 are accepted')
  })

  it('of interfaces in the lookup of 2015 finds no node', async () => {
    const interfaces = Array.from({ length: 70_000 }, (_, n) => ({ mac_address: mac(n) }))
    const path = '/v1/drivers/fake-hardware/vendor_passthru/lookup'
    const reply = await send('POST', path, { version: '2', inventory: { interfaces } })
    expect([400, 404]).toContain(reply.status)
  })

  it('of candidate nodes finds the nodes', async () => {
    const names = Array.from({ length: 70_000 }, () => 'one')
    const reply = await send('POST', '/v1/allocations', {
      resource_class: 'x',
      candidate_nodes: names,
    })
    expect(reply.status).toBe(201)
  })

  it('of steps in a deploy template is stored', async () => {
    const steps = Array.from({ length: 15_000 }, (_, n) => ({
      interface: 'bios',
      step: `s${n}`,
      args: {},
      priority: 1,
    }))
    const reply = await send('POST', '/v1/deploy_templates', { name: 'CUSTOM_LONG', steps })
    expect(reply.status).toBe(201)
    expect(reply.body?.['steps']).toHaveLength(15_000)
  })
})

describe('isAmong', () => {
  it.each<[string, () => Parameters<typeof isAmong>]>([
    ['text', () => [nodes.uuid, [node.uuid, 'x']]],
    ['numbers', () => [nodes.id, [node.id, 0]]],
  ])('finds %s', async (_scenario, args) => {
    const rows = await bench.ctx.db.orm
      .select()
      .from(nodes)
      .where(isAmong(...args()))
    expect(rows).toHaveLength(1)
  })

  it('finds nothing in an empty list', async () => {
    expect(await bench.ctx.db.orm.select().from(nodes).where(isAmong(nodes.uuid, []))).toEqual([])
    expect(await bench.ctx.db.orm.select().from(nodes).where(isAmong(nodes.id, []))).toEqual([])
  })
})
