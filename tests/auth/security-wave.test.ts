/** The security notes of 2026, one test for each that this part of Ferric can meet. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eq } from 'drizzle-orm'
import { createAuthenticator } from '../../src/api/auth/authenticator.js'
import { defaultConfig } from '../../src/config/index.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { silent } from '../_util/silent.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { registerHost, testBed, type Bed } from '../conductor/_harness.js'
import { headerAuthenticator } from './_header-auth.js'
import { goodToken, standInKeystone } from './_keystone.js'
import { personas } from './_personas.js'
import { fill } from './_rows.js'
import { clear, projectWorld, type Places } from './_world.js'

let db: Database
let bed: Bed
let client: ReturnType<typeof apiClient>
let places: Places

beforeAll(async () => {
  db = await testDatabase()
  const drivers = await createDriverRegistry(defaultConfig(), silent.drivers)
  bed = await testBed(db, { drivers })
  client = apiClient(bed, { authenticate: headerAuthenticator(bed) })
}, 30_000)
afterAll(() => db.close())
beforeEach(async () => {
  await clear(bed)
  places = await projectWorld(bed)
  await registerHost(bed)
  await db.orm.update(schema.nodes).set({ reservation: null })
})

const who = { ...personas.system, ...personas.project }
const send = (persona: string, method: string, path: string, body?: unknown) =>
  client(method, fill(path, places), {
    version: '1.115',
    headers: who[persona] ?? {},
    ...(body === undefined ? {} : { raw: fill(JSON.stringify(body), places) }),
  })
const missingUuid = '00000000-0000-4000-8000-00000000dead'
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]

describe('CVE-2026-44918: nothing moves to another owner through PATCH', () => {
  it.each([
    ['/v1/ports/{owner_port_ident}', '/node_uuid', 400],
    ['/v1/portgroups/{owner_portgroup_ident}', '/node_uuid', 400],
    ['/v1/volume/connectors/{volume_connector_ident}', '/node_uuid', 400],
    ['/v1/volume/targets/{volume_target_ident}', '/node_uuid', 400],
    ['/v1/nodes/{owner_node_ident}', '/owner', 403],
    ['/v1/runbooks/{runbook_ident}', '/owner', 403],
    ['/v1/runbooks/{runbook_ident}', '/public', 403],
  ])('%s %s', async (path, member, status) => {
    const value = member === '/public' ? true : '{other_node_ident}'
    const reply = await send('owner_admin', 'PATCH', path, replace(member, value))
    expect(reply.status).toBe(status)
  })

  it('a port does not get into the group of a machine its owner may not see', async () => {
    const patch = replace('/portgroup_uuid', '{other_portgroup_ident}')
    const foreign = await send('owner_admin', 'PATCH', '/v1/ports/{owner_port_ident}', patch)
    const missing = replace('/portgroup_uuid', missingUuid)
    const none = await send('owner_admin', 'PATCH', '/v1/ports/{owner_port_ident}', missing)
    expect([foreign.status, none.status]).toEqual([400, 400])
    const text = foreign.fault?.replace(places['other_portgroup_ident'] ?? '', missingUuid)
    expect(text).toBe(none.fault)
    await db.orm.update(schema.nodes).set({ provisionState: 'manageable' })
    const own = replace('/portgroup_uuid', '{owner_portgroup_ident}')
    const joined = await send('owner_admin', 'PATCH', '/v1/ports/{owner_port_ident}', own)
    expect([joined.status, joined.fault]).toEqual([200, undefined])
  })

  it('a child does not get a parent its owner may not see', async () => {
    const patch = replace('/parent_node', '{other_node_ident}')
    const reply = await send('owner_admin', 'PATCH', '/v1/nodes/{owner_node_ident}', patch)
    expect([400, 403]).toContain(reply.status)
  })
})

describe('CVE-2026-54423: raw commands to a BMC', () => {
  const step = [{ interface: 'vendor', step: 'send_raw', args: { raw_bytes: '0x00 0x01' } }]

  it('are no step, not even for an administrator', async () => {
    const state = { provisionState: 'manageable' }
    await db.orm
      .update(schema.nodes)
      .set(state)
      .where(eq(schema.nodes.uuid, places['owner_node_ident'] ?? ''))
    const reply = await send('admin', 'PUT', '/v1/nodes/{owner_node_ident}/states/provision', {
      target: 'clean',
      clean_steps: step,
    })
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain("clean step 'vendor.send_raw' is not allowed")
  })

  it.each(['owner_admin', 'owner_manager', 'lessee_admin', 'service_owner_project'])(
    'are not sent for %s of a project',
    async (persona) => {
      const path = '/v1/nodes/{owner_node_ident}/vendor_passthru?method=send_raw'
      const { status } = await send(persona, 'POST', path, { raw_bytes: '0x00' })
      expect([403, 404]).toContain(status)
    },
  )
})

describe('OSSN-0099: bodies have limits', () => {
  it.each([
    [24, undefined],
    [25, 'Request body JSON is nested too deeply'],
    [10_000, 'Request body JSON is nested too deeply'],
  ])('of depth, %i levels below a member', async (levels, said) => {
    const extra = '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)
    const reply = await client('POST', '/v1/chassis', {
      version: '1.115',
      raw: `{"extra":${extra}}`,
      headers: who['admin'] ?? {},
    })
    expect(reply.status).toBe(said === undefined ? 201 : 400)
    expect(JSON.stringify(reply.body)).toContain(said ?? '"extra"')
  })

  it('of size', async () => {
    const raw = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    const reply = await client('POST', '/v1/nodes', {
      version: '1.115',
      raw,
      headers: who['admin'] ?? {},
    })
    expect(reply.status).toBe(413)
  })
})

describe('bug 2150461: filters do not widen what is seen', () => {
  it.each([
    ['portgroups', 'shard=east'],
    ['portgroups/detail', 'shard=east'],
    ['ports', 'shard=east'],
    ['ports/detail', 'shard=east'],
    ['nodes', 'shard=east'],
    ['nodes/detail', 'shard=east'],
  ])('%s?%s', async (path, query) => {
    await db.orm.update(schema.nodes).set({ shard: 'east' })
    const key = path.split('/')[0] ?? ''
    const count = async (persona: string) => {
      const { status, body } = await send(persona, 'GET', `/v1/${path}?${query}`)
      return [status, ((body?.[key] ?? []) as unknown[]).length]
    }
    const [, all] = await count('admin')
    expect(all).toBeGreaterThan(2)
    expect(await count('third_party_admin')).toEqual([200, 0])
    expect(await count('lessee_admin')).toEqual([200, 1])
  })
})

describe('secrets in answers', () => {
  const seen = async (persona: string, path: string) =>
    JSON.stringify((await send(persona, 'GET', path)).body)

  it.each(['admin', 'owner_admin', 'lessee_admin', 'owner_reader', 'lessee_reader'])(
    'the password of a volume target is not shown to %s',
    async (persona) => {
      for (const path of [
        '/v1/volume/targets/{volume_target_ident}',
        '/v1/volume/targets?detail=true',
      ]) {
        expect(await seen(persona, path)).not.toContain('volume-secret')
      }
    },
  )

  it.each(['admin', 'owner_admin', 'lessee_admin', 'owner_reader', 'lessee_reader'])(
    'no password, image URL or config drive of a node is shown to %s',
    async (persona) => {
      for (const path of [
        '/v1/nodes/{lessee_node_ident}',
        '/v1/nodes/detail',
        '/v1/nodes?fields=uuid,driver_info,instance_info',
      ]) {
        expect(await seen(persona, path)).not.toMatch(/fakepass|Y29uZmlnZHJpdmU|images\.test/)
      }
    },
  )

  it('a lessee does not read what only the owner may', async () => {
    const { body } = await send('lessee_reader', 'GET', '/v1/nodes/{lessee_node_ident}')
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
  })

  it('the owner reads them, but for the secrets', async () => {
    const { body } = await send('owner_reader', 'GET', '/v1/nodes/{owner_node_ident}')
    expect(body).toMatchObject({
      last_error: 'it hurts',
      driver_info: { foo: 'bar', fake_password: '******' },
      driver_internal_info: { private_state: 'secret value' },
    })
  })

  it('a reader sees no properties of a volume target', async () => {
    const path = '/v1/volume/targets/{volume_target_ident}'
    const { body } = await send('owner_reader', 'GET', path)
    expect(Object.keys(body?.['properties'] as object)).toEqual(['redacted_contents'])
  })
})

describe('what a client says of itself', () => {
  it('an origin is never echoed', async () => {
    const headers = { ...who['admin'], Origin: 'http://evil.test', Host: 'evil.test' }
    const reply = await client('GET', '/v1/nodes', { version: '1.115', headers })
    expect(reply.headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('headers of an auth middleware are not believed', async () => {
    await using keystone = await standInKeystone()
    const config = defaultConfig({
      DEFAULT: { auth_strategy: 'keystone' },
      keystone_authtoken: { auth_url: keystone.url, username: 'f', password: 'p' },
    })
    const ctx = { ...bed, config }
    const real = apiClient(ctx, { authenticate: await createAuthenticator(ctx) })
    const claims = { ...who['admin'], 'X-Identity-Status': 'Confirmed', 'X-User-Id': 'root' }
    const status = async (headers: Record<string, string>) =>
      (await real('GET', '/v1/nodes', { version: '1.115', headers })).status
    expect(await status(claims)).toBe(401)
    expect(await status({ ...claims, 'X-Auth-Token': 'guess' })).toBe(401)
    expect(await status({ 'X-Auth-Token': goodToken })).toBe(200)
  })
})
