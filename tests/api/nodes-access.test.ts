import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPolicyEngine } from '../../src/api/policy/engine.js'
import { authContext, type Principal } from '../../src/api/policy/principal.js'
import type { NodeRow } from '../../src/db/rows.js'
import { apiClient } from '../_util/api.js'
import { callerFrom } from '../auth/_recorded-caller.js'
import { answer, openBench, type Bench } from './_node-bench.js'

let bench: Bench
let own: NodeRow
let leased: NodeRow
let foreign: NodeRow
const version = '1.115'
const engine = createPolicyEngine()
const nobody = callerFrom({ user_id: 'u' }).principal
const project = { ...nobody, projectId: 'p1' }

/** A client of one caller. */
function as(principal: Partial<Principal>) {
  const who = { ...nobody, ...principal }
  const auth = authContext(engine, who, { publicApi: false, serviceProjectName: null })
  return apiClient(bench.ctx, { authenticate: () => Promise.resolve(auth) })
}
const reader = () => as({ ...project, roles: ['reader'] })
const admin = () => as({ ...project, roles: ['admin', 'manager', 'member', 'reader'] })
const system = () => as({ systemScope: 'all', roles: ['admin', 'member', 'reader'] })

beforeAll(async () => {
  bench = await openBench()
  const secrets = { lastError: 'boom', driverInfo: { address: 'a' }, driverInternalInfo: { x: 1 } }
  own = await bench.add({ name: 'own', owner: 'p1', ...secrets })
  leased = await bench.add({ name: 'leased', owner: 'p2', lessee: 'p1', ...secrets })
  foreign = await bench.add({ name: 'foreign', owner: 'p2', ...secrets })
}, 30_000)
afterAll(() => bench[Symbol.asyncDispose]())

const namesOf = (body: Record<string, unknown> | null) =>
  ((body?.['nodes'] ?? []) as { name: string }[]).map((n) => n.name)

describe('who may see and change nodes', () => {
  it('a list shows a project its own and leased nodes, the system all', async () => {
    const path = '/v1/nodes'
    expect(namesOf((await reader()('GET', path, { version })).body)).toEqual(['own', 'leased'])
    expect(namesOf((await system()('GET', path, { version })).body)).toEqual([
      'own',
      'leased',
      'foreign',
    ])
    const of = (p: string) => reader()('GET', `${path}?project=${p}`, { version })
    expect(namesOf((await of('p1')).body)).toEqual(['own', 'leased'])
    expect(answer(await of('p2'))).toEqual([
      403,
      'Access was denied to the following resource: baremetal:node:list_all',
    ])
  })

  it('a node of others does not exist', async () => {
    for (const path of [`/v1/nodes/${foreign.uuid}`, '/v1/nodes/foreign']) {
      const ident = path.split('/').at(-1) ?? ''
      const gone = [404, `Node ${ident} could not be found.`]
      expect(answer(await reader()('GET', path, { version }))).toEqual(gone)
      expect(answer(await admin()('DELETE', path, { version }))).toEqual(gone)
      expect(answer(await admin()('PATCH', path, { version, body: [] }))).toEqual(gone)
    }
  })

  it('a node that may be seen but not changed answers 403', async () => {
    const body = [{ op: 'add', path: '/extra/a', value: 1 }]
    const path = `/v1/nodes/${own.uuid}`
    expect(answer(await reader()('PATCH', path, { version, body }))).toEqual([
      403,
      'Access was denied to the following resource: baremetal:node:update_extra',
    ])
    expect((await reader()('DELETE', path, { version })).status).toBe(403)
    expect((await admin()('PATCH', path, { version, body })).status).toBe(200)
  })

  it('hides from projects what tells of the infrastructure', async () => {
    const { body } = await reader()('GET', `/v1/nodes/${leased.uuid}`, { version })
    expect(body).toMatchObject({
      last_error: '** Value Redacted - Requires baremetal:node:get:last_error permission. **',
      reservation: '** Redacted - requires baremetal:node:get:reservation permission. **',
      driver_info: {
        content: '** Redacted - requires baremetal:node:get:driver_info permission. **',
      },
      driver_internal_info: {
        content: '** Redacted - Requires baremetal:node:get:driver_internal_info permission. **',
      },
    })
    const all = await system()('GET', `/v1/nodes/${leased.uuid}`, { version })
    expect(all.body).toMatchObject({ last_error: 'boom', driver_info: { address: 'a' } })
  })

  it('each part of a patch asks its own rule', async () => {
    const path = `/v1/nodes/${own.uuid}`
    const refused = async (op: object) =>
      (await reader()('PATCH', path, { version, body: [op] })).fault
    const rule = (name: string) =>
      `Access was denied to the following resource: baremetal:node:${name}`
    expect(await refused({ op: 'add', path: '/owner', value: 'x' })).toBe(rule('update:owner'))
    expect(await refused({ op: 'add', path: '/instance_name', value: 'x' })).toBe(
      rule('update_instance_info'),
    )
    expect(await refused({ op: 'add', path: '/bios_interface', value: 'x' })).toBe(
      rule('update:driver_interfaces'),
    )
    expect(await refused({ op: 'add', path: '/automated_clean', value: 'no' })).toBe(
      rule('disable_cleaning'),
    )
    expect(await refused({ op: 'add', path: '/maintenance', value: true })).toBe(rule('update'))
  })

  it('a project administrator creates and deletes nodes of the project only', async () => {
    const post = (body: object) =>
      admin()('POST', '/v1/nodes', { version, body: { driver: 'fake-hardware', ...body } })
    const made = await post({ name: 'made' })
    expect(made.body).toMatchObject({ owner: 'p1' })
    expect((await post({ owner: 'p2' })).status).toBe(400)
    expect((await post({ parent_node: 'foreign' })).fault).toBe(
      "Unable to apply the requested parent_node 'foreign'. Requested value was invalid.",
    )
    expect((await post({ parent_node: 'own' })).status).toBe(201)
    expect((await admin()('DELETE', '/v1/nodes/made', { version })).status).toBe(204)
    expect((await reader()('POST', '/v1/nodes', { version, body: { driver: 'x' } })).status).toBe(
      403,
    )
  })
})

describe('maintenance by PATCH', () => {
  const patch = (who: Partial<Principal>, operation: Record<string, unknown>) =>
    as({ ...project, ...who })('PATCH', '/v1/nodes/leased', { version, body: [operation] })
  const member = { roles: ['member', 'reader'] }
  const manager = { roles: ['manager', 'member', 'reader'] }

  it.each([
    ['sets', 'set', { op: 'replace', path: '/maintenance', value: true }],
    ['adds', 'set', { op: 'add', path: '/maintenance', value: 'true' }],
    ['clears', 'clear', { op: 'replace', path: '/maintenance', value: 'false' }],
    ['removes', 'clear', { op: 'remove', path: '/maintenance' }],
  ])("a lessee's member %s nothing that PUT refuses", async (_what, rule, operation) => {
    expect(answer(await patch(member, operation))).toEqual([
      403,
      `Access was denied to the following resource: baremetal:node:${rule}_maintenance`,
    ])
    expect((await patch(manager, operation)).status).not.toBe(403)
  })
})
