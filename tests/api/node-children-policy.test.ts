import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPolicyEngine } from '../../src/api/policy/engine.js'
import { authContext } from '../../src/api/policy/principal.js'
import type { NodeRow } from '../../src/db/rows.js'
import { apiClient } from '../_util/api.js'
import { callerFrom } from '../auth/_recorded-caller.js'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'

/** Who asks: `role@project`, or `role@system`. */
type Who = `${string}@${string}`

let inv: Inventory
let send: ReturnType<typeof apiClient>
let mine: NodeRow
let theirs: NodeRow
const version = '1.115'
const engine = createPolicyEngine()

function principalOf(who: string) {
  const [role = '', scope = ''] = who.split('@')
  const implied = { admin: ['admin', 'member', 'reader'], member: ['member', 'reader'] }[role]
  return {
    ...callerFrom({ user_id: 'u' }).principal,
    projectId: scope === 'system' ? null : scope,
    systemScope: scope === 'system' ? 'all' : null,
    roles: implied ?? [role],
  }
}

beforeAll(async () => {
  inv = await inventory()
  const options = { publicApi: false, serviceProjectName: null }
  send = apiClient(inv.ctx, {
    authenticate: (request) =>
      Promise.resolve(
        authContext(engine, principalOf(request.headers.get('x-who') ?? ''), options),
      ),
  })
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(async () => {
  await inv.clear()
  mine = await inv.node({ owner: 'p1', powerState: 'power off' })
  theirs = await inv.node({ owner: 'p2', lessee: 'p3', powerState: 'power off' })
})

const as = (who: Who, method: string, path: string, body?: unknown) =>
  send(method, path, { version, body, headers: { 'x-who': who } })

const resources = [
  { path: '/v1/ports', key: 'ports', noun: 'Port', body: (n: number) => ({ address: `52:54:00:00:00:0${n}` }) },
  { path: '/v1/portgroups', key: 'portgroups', noun: 'Portgroup', body: () => ({}) },
  { path: '/v1/volume/connectors', key: 'connectors', noun: 'Volume connector', body: (n: number) => ({ type: 'iqn', connector_id: `c${n}` }) },
  { path: '/v1/volume/targets', key: 'targets', noun: 'Volume target', body: (n: number) => ({ volume_type: 'iscsi', volume_id: `v${n}`, boot_index: n }) },
] // prettier-ignore

describe.each(resources)('$key of nodes of other projects', ({ path, key, noun, body }) => {
  async function make(node: NodeRow, n: number): Promise<string> {
    const made = await as('admin@system', 'POST', path, { node_uuid: node.uuid, ...body(n) })
    expect(outcome(made)).toEqual([201, undefined])
    return made.body?.['uuid'] as string
  }

  it('are not in the lists of a project, nor found by it', async () => {
    const [a, b] = [await make(mine, 1), await make(theirs, 2)]
    const uuids = async (who: Who) => {
      const { body: list } = await as(who, 'GET', path)
      return (list![key] as { uuid: string }[]).map((i) => i.uuid)
    }
    expect(await uuids('reader@system')).toEqual([a, b])
    expect(await uuids('reader@p1')).toEqual([a])
    expect(await uuids('reader@p2')).toEqual([b])
    expect(await uuids('reader@p3')).toEqual([b])
    expect(await uuids('reader@p4')).toEqual([])
    expect((await as('reader@p1', 'GET', `${path}/${a}`)).status).toBe(200)
    expect(outcome(await as('reader@p1', 'GET', `${path}/${b}`))).toEqual([
      404,
      `${noun} ${b} could not be found.`,
    ])
  })

  it('are changed and removed by whom the rules say', async () => {
    const uuid = await make(mine, 1)
    const patch = [{ op: 'add', path: '/extra/a', value: 1 }]
    expect((await as('reader@p1', 'PATCH', `${path}/${uuid}`, patch)).status).toBe(403)
    expect((await as('admin@p2', 'PATCH', `${path}/${uuid}`, patch)).status).toBe(404)
    expect((await as('admin@p2', 'DELETE', `${path}/${uuid}`)).status).toBe(404)
    expect((await as('reader@system', 'DELETE', `${path}/${uuid}`)).status).toBe(403)
    expect((await as('admin@p1', 'PATCH', `${path}/${uuid}`, patch)).status).toBe(200)
    expect((await as('admin@p1', 'DELETE', `${path}/${uuid}`)).status).toBe(204)
  })

  it('are not created, whether the node exists or not', async () => {
    const refused = await as('admin@p1', 'POST', path, { node_uuid: theirs.uuid, ...body(1) })
    const absent = await as('admin@p1', 'POST', path, {
      node_uuid: '00000000-0000-0000-0000-000000000000',
      ...body(1),
    })
    expect([refused.status, refused.fault]).toEqual([absent.status, absent.fault])
    expect(refused.status).toBe(403)
  })

  it('do not come by moving them there', async () => {
    const uuid = await make(mine, 1)
    const patch = [{ op: 'replace', path: '/node_uuid', value: theirs.uuid }]
    expect(outcome(await as('admin@system', 'PATCH', `${path}/${uuid}`, patch))).toEqual([
      400,
      `Unable to apply the requested node_uuid '${theirs.uuid}'. Requested value was invalid.`,
    ])
  })

  it('are not listed below their node', async () => {
    const below = (n: NodeRow) => `/v1/nodes/${n.uuid}${path.slice('/v1'.length)}`
    expect((await as('reader@p1', 'GET', below(mine))).status).toBe(200)
    expect(outcome(await as('reader@p1', 'GET', below(theirs)))).toEqual([
      404,
      `Node ${theirs.uuid} could not be found.`,
    ])
  })
})

describe('the properties of a volume target', () => {
  it('are shown to whom the rule says', async () => {
    const made = await as('admin@system', 'POST', '/v1/volume/targets', {
      node_uuid: mine.uuid,
      volume_type: 'iscsi',
      volume_id: 'v',
      boot_index: 0,
      properties: { iqn: 'x' },
    })
    const path = `/v1/volume/targets/${made.body?.['uuid'] as string}`
    expect((await as('admin@system', 'GET', path)).body?.['properties']).toEqual({ iqn: 'x' })
    const hidden = (await as('reader@p1', 'GET', path)).body?.['properties'] as object
    expect(Object.keys(hidden)).toEqual(['redacted_contents'])
  })
})
