import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { ports } from '../../src/db/schema/index.js'
import { inventory, type Inventory } from '../_util/inventory.js'
import { accepts, oddValues } from '../_util/matrix.js'

let inv: Inventory
let node: NodeRow
const version = '1.115'

beforeAll(async () => {
  inv = await inventory()
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  node = await inv.node()
})

const post = (body: object) => inv.send('POST', '/v1/ports', { version, body })
const patch = (ident: string, body: unknown) =>
  inv.send('PATCH', `/v1/ports/${ident}`, { version, body })

async function newPort(): Promise<string> {
  const made = await post({ address: '52:54:00:00:00:01', node_uuid: node.uuid })
  expect(made.status).toBe(201)
  return made.body?.['uuid'] as string
}

describe('every field of a port', () => {
  const link = (v: unknown) =>
    v === null || (accepts.object(v) && Object.keys(v as object).length === 0)
  const fields: [string, { create: (v: unknown) => boolean; patch?: (v: unknown) => boolean }][] = [
    ['address', { create: accepts.mac }],
    ['extra', { create: accepts.object }],
    ['is_smartnic', { create: (v) => v === null || accepts.flag(v) }],
    ['local_link_connection', { create: link }],
    ['physical_network', { create: accepts.text(64, { empty: false }) }],
    ['portgroup_uuid', { create: (v) => v === null }],
    ['pxe_enabled', { create: accepts.flag }],
    ['name', { create: accepts.text(255) }],
    ['description', { create: accepts.text(255) }],
    ['vendor', { create: accepts.text(32) }],
    ['category', { create: accepts.text(80) }],
    ['available_for_dynamic_portgroup', { create: accepts.flag }],
    ['node_uuid', { create: accepts.nothing }],
    ['uuid', { create: (v) => v === null || accepts.uuid(v), patch: accepts.nothing }],
  ]
  const rows = () => inv.ctx.db.orm.select().from(ports)

  it.each(fields)('%s takes or refuses any value with a clear answer', async (field, takes) => {
    for (const [what, value] of oddValues) {
      const made = await post({
        address: '52:54:00:00:00:77',
        node_uuid: node.uuid,
        [field]: value,
      })
      const refusals = made.fault === undefined ? 0 : 1
      expect([what, made.status, refusals]).toEqual(
        takes.create(value) ? [what, 201, 0] : [what, 400, 1],
      )
      expect((await rows()).length).toBe(made.status === 201 ? 1 : 0)
      await inv.ctx.db.orm.delete(ports)
    }
    const uuid = await newPort()
    const [before] = await rows()
    for (const [what, value] of oddValues) {
      const changed = await patch(uuid, [{ op: 'replace', path: `/${field}`, value }])
      const takesIt = (takes.patch ?? takes.create)(value)
      expect([what, changed.status]).toEqual([what, takesIt ? 200 : 400])
      if (takesIt) await inv.ctx.db.orm.update(ports).set(before!)
      expect(await rows()).toEqual([before])
    }
  })
})
