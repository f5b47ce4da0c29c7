/**
 * Every row of the policy's outcome table, asked of a server that listens: who may do what on
 * whose machine. The users of the table log in with passwords, and a principals file says what
 * they are. No conductor serves a driver, so 503 means that the request got past the policy.
 * Source: ironic/tests/unit/api/test_rbac_{system,project}_scoped.yaml, as facts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'
import type { Database } from '../../src/db/types.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { silent } from '../_util/silent.js'
import { startApi, type ApiServer } from '../../src/api/server.js'
import { httpClient, type ApiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed, type Bed } from '../conductor/_harness.js'
import { loginOf, writeUsers } from './_personas.js'
import { fill, readRows, type Row } from './_rows.js'
import { clear, projectWorld, systemWorld, type Places } from './_world.js'

const worlds = { system: systemWorld, project: projectWorld }
let db: Database
let bed: Bed
let users: { htpasswd: string; principals: string }
let directory: string
const servers = new Map<string, ApiServer>()

beforeAll(async () => {
  db = await testDatabase()
  const drivers = await createDriverRegistry(defaultConfig(), silent.drivers)
  bed = await testBed(db, { drivers })
  directory = await mkdtemp(join(tmpdir(), 'ferric-outcomes-'))
  users = await writeUsers(directory)
}, 30_000)
afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.close(1_000)))
  await db.close()
  await rm(directory, { recursive: true })
})

/** A server with a row's configuration. */
async function clientFor({ config }: Row): Promise<ApiClient> {
  const key = JSON.stringify(config)
  const known = servers.get(key)
  if (known !== undefined) return httpClient(known.url)
  const { project_admin_can_manage_own_nodes: own, ...rbac } = config
  const overrides = {
    DEFAULT: { auth_strategy: 'http_basic', http_basic_auth_user_file: users.htpasswd, ...rbac },
    api: {
      port: 0,
      ...(own === undefined ? {} : { project_admin_can_manage_own_nodes: own === 'true' }),
    },
    ferric: { principals_file: users.principals },
  } as unknown as ConfigOverrides
  const server = await startApi({ ...bed, config: defaultConfig(overrides) })
  servers.set(key, server)
  return httpClient(server.url)
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
    const ask = await clientFor(row)
    const reply = await ask(row.method, fill(row.path, places), {
      version: '1.115',
      headers: loginOf(scope, row.persona),
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
