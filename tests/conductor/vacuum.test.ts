import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { vacuum, vacuumTables } from '../../src/conductor/periodic/vacuum.js'
import { rawRows } from '../../src/conductor/rows.js'
import { migrate } from '../../src/db/migrate.js'
import { openPglite } from '../../src/db/pglite.js'
import type { Database } from '../../src/db/types.js'
import { noSignal, testBed, type Bed } from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await openPglite(null)
  await migrate(db)
  ctx = await testBed(db)
})
afterAll(async () => db.close())

const run = (statement: string) => db.orm.execute(sql.raw(statement))
const sizeOf = async (table: string) => {
  const [row] = await rawRows(
    db.orm,
    sql`select pg_total_relation_size(${table}::regclass)::int as size`,
  )
  return Number(row?.['size'])
}
/** PostgreSQL adds up what happened to its tables once a second, unless told. */
const counted = () => run('select pg_stat_force_next_flush()')

/** As many rows come and go as several hundred tasks leave behind. */
async function turnOver(table: string): Promise<number> {
  await run(`insert into ${table} select generate_series(1, 2000)`)
  await run(`delete from ${table}`)
  await counted()
  await vacuumTables(ctx, noSignal)
  return await sizeOf(table)
}

it('gives the room of rows that are gone to new ones', async () => {
  await run('create table busy (id int primary key)')
  const sizes: number[] = []
  for (let n = 0; n < 8; n++) sizes.push(await turnOver('busy'))
  expect(sizes.slice(2)).toEqual(sizes.slice(2).map(() => sizes[1]))
})

it('leaves tables alone in which little happened', async () => {
  await run('create table quiet (id int primary key)')
  await run('insert into quiet select generate_series(1, 400)')
  await run('delete from quiet where id > 10')
  await counted()
  await vacuumTables(ctx, noSignal)
  await counted()
  const rows = await rawRows(
    db.orm,
    sql`select relname, vacuum_count::int as times from pg_stat_user_tables
      where relname in ('quiet', 'busy') order by relname`,
  )
  expect(rows).toEqual([
    { relname: 'busy', times: 8 },
    { relname: 'quiet', times: 0 },
  ])
})

it('is none of our business on a server', () => {
  expect(vacuum({ db }).interval).toBeGreaterThan(0)
  expect(vacuum({ db: { ...db, kind: 'postgres' } }).interval).toBe(0)
})
