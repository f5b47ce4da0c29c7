/**
 * No secret of a stored resource leaves by an answer, the log, the metrics, the history or the
 * timeline, whatever is requested by which role. `show_password` and `show_instance_secrets` are `!`
 * in upstream's default policy, so there is no exception to state.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import type { AppContext } from '../../src/context.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { registry } from '../../src/metrics.js'
import { apiClient, contract } from '../_util/api.js'
import { capturedLog, type CapturedLog } from '../_util/captured-log.js'
import { testDatabase } from '../_util/database.js'
import { oddValues } from '../_util/matrix.js'
import { silent } from '../_util/silent.js'
import { testBed } from '../conductor/_harness.js'
import { headerAuthenticator } from './_header-auth.js'
import { personas } from './_personas.js'
import { projectWorld, type Places } from './_world.js'

const canary = 'canary-4f1d9e'
const url = `https://user:${canary}@images.test/x`
const secrets = {
  ipmi_password: canary,
  redfish_password: canary,
  snmp_auth_key: canary,
  snmp_community: canary,
  ipmi_hex_kg_key: canary,
  image_pull_secret: canary,
  rescue_password: canary,
  agent_secret_token: canary,
  configdrive: canary,
  deploy_kernel: url,
  image_source: url,
  image_url: `https://swift.test/v1/x?temp_url_sig=${canary}&temp_url_expires=9`,
  nested: { auth_password: canary, list: [{ secret: canary }] },
}

let db: Database
let ctx: AppContext
let places: Places
let captured: CapturedLog

beforeAll(async () => {
  db = await testDatabase()
  const drivers = await createDriverRegistry(defaultConfig(), silent.drivers)
  const bed = await testBed(db, { drivers })
  captured = capturedLog()
  ctx = { ...bed, log: captured.log }
  places = await projectWorld(bed)
  const { orm } = db
  await orm.update(schema.nodes).set({
    driverInfo: secrets,
    instanceInfo: secrets,
    driverInternalInfo: secrets,
    lastError: 'a fault',
  })
  await orm.update(schema.volumeTargets).set({ properties: { auth_password: canary, volume: 'v' } })
  await orm.update(schema.runbookSteps).set({ args: { password: canary } })
}, 60_000)
afterAll(() => db.close())

const idents: Readonly<Record<string, readonly string[]>> = {
  node_ident: ['owner_node_ident', 'lessee_node_ident'],
  port_ident: ['owner_port_ident'],
  portgroup_ident: ['owner_portgroup_ident'],
  target_uuid: ['volume_target_ident'],
  connector_uuid: ['volume_connector_ident'],
  allocation_ident: ['owner_allocation'],
  runbook_ident: ['runbook_ident'],
  driver_name: ['driver_name'],
  trait: ['trait'],
}

/** The path once for each resource that it may name. */
function pathsOf(template: string): string[] {
  const name = /\{(\w+)\}/.exec(template)?.[1]
  if (name === undefined) return [template]
  const values = (idents[name] ?? []).map((key) => places[key] ?? '')
  return (values.length > 0 ? values : ['unknown']).flatMap((value) =>
    pathsOf(template.replace(`{${name}}`, value)),
  )
}

const roots = [
  'driver_info',
  'instance_info',
  'properties',
  'extra',
  'steps',
  'driver_internal_info',
]
const patches = [
  ...roots.flatMap((root) => [
    [{ op: 'replace', path: `/${root}/zz/a`, value: 1 }],
    [{ op: 'add', path: `/${root}/ipmi_password/a`, value: 1 }],
    [{ op: 'remove', path: `/${root}/nested/list/7/a` }],
    [{ op: 'remove', path: `/${root}/nothing` }],
    [{ op: 'add', path: `/${root}/nested/list/x`, value: 1 }],
  ]),
  ...oddValues.map(([, value]) => [{ op: 'replace', path: '/driver_info', value }]),
  ...oddValues.map(([, value]) => [{ op: 'replace', path: '/driver', value }]),
]
const bodies = (method: string): readonly unknown[] => {
  if (method === 'PATCH') return patches
  if (method === 'GET' || method === 'DELETE') return [undefined]
  const names = ['target', 'args', 'steps', 'name', 'driver', 'node_uuid', 'address', 'configdrive']
  const odd = oddValues.filter(([, value]) => JSON.stringify(value).length < 1000)
  return [
    undefined,
    {},
    [],
    ...odd.map(([, value]) => Object.fromEntries(names.map((n) => [n, value]))),
  ]
}

const roles = Object.entries(personas).flatMap(([scope, all]) =>
  Object.entries(all).map(([name, headers]) => ({ name: `${scope} ${name}`, headers })),
)

interface Sighting {
  readonly where: string
  readonly text: string
}

const around = (text: string) => text.slice(Math.max(0, text.indexOf(canary) - 120)).slice(0, 260)

it('shows no canary in any answer, nor in the log, the metrics, the history and the timeline', async () => {
  const send = apiClient(ctx, { authenticate: headerAuthenticator(ctx) })
  const sightings: Sighting[] = []
  let requests = 0
  const look = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ) => {
    const reply = await send(method, path, { version: '1.115', headers, body })
    requests += 1
    const text = JSON.stringify([reply.body, [...reply.headers]])
    if (text.includes(canary)) sightings.push({ where: `${method} ${path}`, text: around(text) })
  }
  // Deleting comes last, and the fleet is read before it is changed.
  const order = ['GET', 'PATCH', 'POST', 'PUT', 'DELETE']
  const operations = contract.operations.toSorted(
    (a, b) => order.indexOf(a.method.toUpperCase()) - order.indexOf(b.method.toUpperCase()),
  )
  for (const { method: lower, path: template } of operations) {
    const method = lower.toUpperCase()
    for (const path of pathsOf(template)) {
      for (const [index, body] of bodies(method).entries()) {
        // Every role reads everything; bodies take turns, so that each role sends every kind.
        const some = method === 'GET' ? roles : roles.filter((_, r) => (r + index) % 4 === 0)
        for (const { headers } of some) await look(method, path, { ...headers }, body)
      }
    }
  }
  expect(sightings).toEqual([])
  expect(requests).toBeGreaterThan(5_000)

  const metrics = await registry.metrics()
  if (metrics.includes(canary)) sightings.push({ where: 'metrics', text: around(metrics) })
  for (const line of captured.lines) {
    const text = JSON.stringify(line)
    if (text.includes(canary)) sightings.push({ where: 'log', text: around(text) })
  }
  const rows = [
    ...(await db.orm.select().from(schema.nodeHistory)),
    ...(await db.orm.select().from(schema.timeline)),
  ]
  for (const row of rows) {
    const text = JSON.stringify(row)
    if (text.includes(canary)) sightings.push({ where: 'history or timeline', text: around(text) })
  }
  expect(sightings).toEqual([])
}, 600_000)
