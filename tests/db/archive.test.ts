import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import { backup, restore } from '../../src/db/archive/postgres.js'
import { openDatabase } from '../../src/db/client.js'
import { rawRows } from '../../src/db/raw-rows.js'
import { chassis, nodes, nodeTags } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { emptyDatabase, testDatabase } from '../_util/database.js'
import { silent } from '../_util/silent.js'

/** What COPY's text format has to escape, and what JSON and arrays hold. */
const awkward = 'tab\t newline\n backslash\\ end\\. quote" 😀'
const extra = { text: awkward, list: [1, null, { deep: true }], large: 'x'.repeat(100_000) }
const nodeCount = 1_500

let directory: string
let source: Database
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-archive-'))
  chmodSync(directory, 0o700)
  source = await testDatabase()
  const rows = Array.from({ length: nodeCount }, (_, n) => ({
    uuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    driver: 'fake-hardware',
    provisionState: 'available',
    name: n === 0 ? null : `node-${n}`,
    extra: n === 0 ? extra : {},
  }))
  await source.orm.insert(nodes).values(rows)
  const [first] = await source.orm.select({ id: nodes.id }).from(nodes).limit(1)
  await source.orm.insert(nodeTags).values({ nodeId: first?.id ?? 0, tag: awkward.slice(0, 3) })
})
afterAll(async () => {
  await source.close()
  rmSync(directory, { recursive: true, force: true })
})

const path = (name: string) => join(directory, name)

async function withEmpty(work: (database: Database) => Promise<void>): Promise<void> {
  await using empty = await emptyDatabase()
  const config = defaultConfig({ database: { connection: empty.url } })
  await using database = await openDatabase(config, silent.db)
  await work(database)
}

/** Every row of every table as text, in one order. */
async function content({ orm }: Database): Promise<Record<string, unknown>> {
  const tables = await rawRows<{ name: string }>(
    orm,
    sql`select table_name as name from information_schema.tables
      where table_schema = 'public' order by 1`,
  )
  const all: Record<string, unknown> = {}
  for (const { name } of tables) {
    const rows = sql`select coalesce(json_agg(t::text order by t::text), '[]') as rows
      from ${sql.identifier(name)} t`
    all[name] = (await rawRows<{ rows: unknown }>(orm, rows))[0]?.rows
  }
  return all
}

describe.each(['state.backup', 'state.backup.gz'])('a backup named %s', (name) => {
  it('brings every row back, and the sequences continue after them', async () => {
    await backup(source, path(name))
    expect(statSync(path(name)).mode & 0o777).toBe(0o600)
    await withEmpty(async (database) => {
      const counts = await restore(database, path(name), { queue: true })
      expect(counts.get('nodes')).toBe(nodeCount)
      expect(await content(database)).toEqual(await content(source))
      const uuid = '11111111-2222-4333-8444-555555555555'
      await database.orm
        .insert(nodes)
        .values({ uuid, driver: 'fake-hardware', provisionState: 'enroll' })
      await database.orm.insert(chassis).values({ uuid })
    })
  })
})

it('holds one moment although rows come meanwhile', async () => {
  const name = path('moment.backup.gz')
  let uuid = 0
  const stop = new AbortController()
  const writing = (async () => {
    while (!stop.signal.aborted) {
      const text = `22222222-0000-4000-8000-${String(uuid++).padStart(12, '0')}`
      await source.orm
        .insert(nodes)
        .values({ uuid: text, driver: 'fake-hardware', provisionState: 'enroll' })
      await source.orm.insert(chassis).values({ uuid: text })
    }
  })()
  await backup(source, name)
  stop.abort()
  await writing
  expect(uuid).toBeGreaterThan(1)
  const text = gunzipSync(readFileSync(name)).toString()
  const rowsOf = (table: string) =>
    text.split(`COPY public."${table}"`)[1]?.split('\n\\.\n')[0]?.split('22222222-').length ?? 0
  expect([0, 1]).toContain(rowsOf('nodes') - rowsOf('chassis'))
})

it('refuses a database with nodes and leaves it as it is', async () => {
  await backup(source, path('again.backup'))
  const before = await content(source)
  await expect(restore(source, path('again.backup'), { queue: true })).rejects.toThrow(
    'restore into an empty one',
  )
  expect(await content(source)).toEqual(before)
})

it('refuses a file that is cut short and leaves no row', async () => {
  await backup(source, path('whole.backup'))
  const whole = readFileSync(path('whole.backup'))
  for (const share of [0.3, 0.9, 0.9999]) {
    writeFileSync(path('cut.backup'), whole.subarray(0, Math.floor(whole.length * share)))
    await withEmpty(async (database) => {
      await expect(restore(database, path('cut.backup'), { queue: true })).rejects.toThrow(
        /cut short|unexpected line/,
      )
      expect(await database.orm.select({ id: nodes.id }).from(nodes)).toEqual([])
    })
  }
})

it('refuses what is not a backup, and one of a newer schema', async () => {
  writeFileSync(path('other'), 'select 1;\n')
  const header = { ferric: '99.0', migration: 99_999_999_999_999, createdAt: '2030-01-01' }
  writeFileSync(path('newer'), `-- Ferric backup 1\n-- ${JSON.stringify(header)}\n`)
  await withEmpty(async (database) => {
    const options = { queue: true }
    await expect(restore(database, path('other'), options)).rejects.toThrow('is not a backup')
    await expect(restore(database, path('newer'), options)).rejects.toThrow('Ferric 99.0')
  })
})

it('leaves no partial file where it cannot write', async () => {
  await expect(backup(source, path('no/such/directory'))).rejects.toThrow('ENOENT')
})
