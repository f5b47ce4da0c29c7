/**
 * Every row of the policy's outcome table over the HTTP application: who may do what on whose
 * machine. No conductor serves a driver, so 503 means that the request got past the policy.
 * Source: ironic/tests/unit/api/test_rbac_{system,project}_scoped.yaml, as facts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'
import type { Database } from '../../src/db/types.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { createLogger } from '../../src/logger.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed, type Bed } from '../conductor/_harness.js'
import { headerAuthenticator } from './_header-auth.js'
import { personas } from './_personas.js'
import { fill, readRows, type Row } from './_rows.js'
import { clear, projectWorld, systemWorld, type Places } from './_world.js'

const worlds = { system: systemWorld, project: projectWorld }
let db: Database
let bed: Bed
let clients: Map<string, ReturnType<typeof apiClient>>

beforeAll(async () => {
  db = await testDatabase()
  const drivers = await createDriverRegistry(defaultConfig(), createLogger('silent'))
  bed = await testBed(db, { drivers })
  clients = new Map()
}, 30_000)
afterAll(() => db.close())

/** An application for a row's configuration. */
function clientFor({ config }: Row): ReturnType<typeof apiClient> {
  const key = JSON.stringify(config)
  const known = clients.get(key)
  if (known !== undefined) return known
  const { project_admin_can_manage_own_nodes: own, ...rbac } = config
  const overrides = {
    DEFAULT: rbac,
    ...(own === undefined ? {} : { api: { project_admin_can_manage_own_nodes: own === 'true' } }),
  } as unknown as ConfigOverrides
  const ctx = { ...bed, config: defaultConfig(overrides) }
  const client = apiClient(ctx, { authenticate: headerAuthenticator(ctx) })
  clients.set(key, client)
  return client
}

const lengths = (row: Row, body: Record<string, unknown> | null) =>
  Object.fromEntries(
    Object.keys(row.counts).map((key) => {
      const list = body?.[key]
      return [key, Array.isArray(list) ? list.length : null]
    }),
  )

describe.each(['system', 'project'] as const)('the outcomes of %s-scoped requests', (scope) => {
  let places: Places | null = null

  it.each(readRows(scope).map((row) => [row.line, row] as const))('%s', async (_line, row) => {
    if (places === null) {
      await clear(bed)
      places = await worlds[scope](bed)
    }
    const text = row.body === undefined ? undefined : fill(JSON.stringify(row.body), places)
    const reply = await clientFor(row)(row.method, fill(row.path, places), {
      version: '1.115',
      headers: personas[scope][row.persona] ?? {},
      ...(text === undefined ? {} : { raw: text }),
    })
    if (row.method !== 'GET' && reply.status < 300) places = null
    expect([reply.status, reply.status === row.status ? '' : reply.fault]).toEqual([row.status, ''])
    expect(lengths(row, reply.body)).toEqual(row.counts)
  })
})

it('the table is whole', () => {
  expect([readRows('system').length, readRows('project').length]).toEqual([383, 598])
})
