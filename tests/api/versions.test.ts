// Every resource at every microversion: the fields served, and from when on each endpoint is there,
// against a table made of the reference (docs/reference/rest-api.json), not of the contract the code runs on.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorld, plainAnswers, type Json, type Place, type World } from './versions/world.js'

type Field = [name: string, since: number, short: boolean]
type Gate = [method: string, path: string, since: number, before: number]
type Table = { fields: Record<string, Field[]>; gates: Gate[] }

const table: Table = JSON.parse(
  readFileSync(new URL('versions/table.json', import.meta.url), 'utf8'),
)
const NEWEST = 115
const minors = Array.from({ length: NEWEST }, (_, n) => n + 1)

let world: World
beforeAll(async () => {
  world = await openWorld()
}, 120_000)
afterAll(() => world[Symbol.asyncDispose]())

const fieldsOf = (resource: string): Field[] => table.fields[resource] ?? []

const get = async (path: string, minor: number) =>
  world.bench.send('GET', path, { version: `1.${minor}` })

const first = (body: Json | null, key: string): Json => {
  const list = body?.[key]
  const items: unknown[] = Array.isArray(list) ? list : []
  return (items[0] ?? {}) as Json
}

const wanted = (resource: string, minor: number, shortOnly = false): string[] =>
  fieldsOf(resource)
    .filter(([, since, short]) => since <= minor && (short || !shortOnly))
    .map(([name]) => name)

async function shown(place: Place, minor: number): Promise<string[]> {
  const { body } = await get(place.show, minor)
  return Object.keys((place.under ? body?.[place.under] : body) ?? {})
}

/** Where there is nothing to show yet, nothing is shown. */
async function servedTooEarly(place: Place, minor: number): Promise<unknown[]> {
  const paths = [place.show, place.list, place.detail ?? ''].filter((path) => path !== '')
  const statuses = await Promise.all(paths.map(async (path) => (await get(path, minor)).status))
  return statuses.some((status) => status < 400) ? [{ at: `1.${minor}`, paths, statuses }] : []
}

/** What differs from the table, for one resource at one version. */
async function differences(place: Place, minor: number): Promise<unknown[]> {
  const all = wanted(place.resource, minor)
  const since = place.since ?? 1
  if (all.length === 0 || minor < since) return servedTooEarly(place, minor)
  const seen: [string, string[], string[]][] = []
  if (place.show) seen.push(['shown', await shown(place, minor), all])
  if (place.list)
    seen.push([
      'listed',
      Object.keys(first((await get(place.list, minor)).body, place.key)),
      wanted(place.resource, minor, true),
    ])
  if (place.detail)
    seen.push([
      'detailed',
      Object.keys(first((await get(place.detail, minor)).body, place.key)),
      place.detailHidesNothing ? wanted(place.resource, NEWEST) : all,
    ])
  return seen
    .filter(([, have, want]) => JSON.stringify(have.toSorted()) !== JSON.stringify(want.toSorted()))
    .map(([how, have, want]) => ({
      at: `1.${minor} ${how}`,
      surplus: have.filter((name) => !want.includes(name)),
      lacking: want.filter((name) => !have.includes(name)),
    }))
}

describe('fields at every version', () => {
  it.each(Object.keys(table.fields))('of %s', { timeout: 180_000 }, async (resource) => {
    const places = world.places.filter((one) => one.resource === resource)
    expect(places.length).toBeGreaterThan(0)
    const found: unknown[] = []
    for (const place of places)
      for (const minor of minors) found.push(...(await differences(place, minor)))
    expect(found).toEqual([])
  })
})

describe('members at every version', () => {
  const at = (minor: number, since: number, names: string[]) => (minor < since ? [] : names)

  it.each(plainAnswers)('of $path', { timeout: 60_000 }, async ({ path, since, members }) => {
    for (const minor of minors) {
      const { status, body } = await get(fill(path), minor)
      const seen = status === 200 ? Object.keys(body ?? {}) : []
      expect([minor, seen.toSorted()]).toEqual([minor, at(minor, since, members).toSorted()])
    }
  })
})

const fill = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => world.names[name] ?? 'x')

/** What is looked at before the version. */
const BODIES: Record<string, object> = {
  '/v1/nodes/{node_ident}/states/boot_mode': { target: 'uefi' },
  '/v1/nodes/{node_ident}/states/secure_boot': { target: true },
  '/v1/heartbeat/{node_ident}': { callback_url: 'http://127.0.0.1:9' },
  '/v1/continue_inspection?node_uuid={node_uuid}': {
    inventory: {
      interfaces: [{ mac_address: '52:54:00:00:00:09' }],
      cpu: {},
      memory: {},
      disks: [],
    },
  },
}

const ask = (method: string, path: string, minor: number) =>
  world.bench.send(method, fill(path), {
    version: `1.${minor}`,
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: BODIES[path] ?? {} }),
  })

/** Reading works from its version on; writing nothing is refused in another way than before. */
async function appears([method, path, since]: Gate): Promise<unknown> {
  const before = await ask(method, path, since - 1)
  const after = await ask(method, path, since)
  const said = JSON.stringify([after.status, after.body])
  return said === JSON.stringify([before.status, before.body]) ? 'no change' : undefined
}

describe('endpoints at every version', () => {
  it.each(table.gates)('%s %s comes with 1.%i', { timeout: 60_000 }, async (...gate) => {
    const [method, path, since, before] = gate
    const statuses = new Set<number>()
    const below = minors.filter((minor) => minor < since)
    for (const minor of below.filter((_, n) => n % 9 === 1 || n === below.length - 1))
      statuses.add((await ask(method, path, minor)).status)
    expect([...statuses]).toEqual([before])
    expect(await appears(gate)).toBeUndefined()
  })
})
