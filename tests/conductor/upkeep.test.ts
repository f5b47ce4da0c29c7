// The embedded database has no autovacuum: the conductor looks after it.
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tidy, upkeep } from '../../src/conductor/periodic/upkeep.js'
import { rowsOf } from '../../src/db/client.js'
import { migrate } from '../../src/db/migrate.js'
import { openPglite } from '../../src/db/pglite.js'
import type { Database } from '../../src/db/types.js'
import { noSignal, testBed, type Bed } from './_harness.js'

const COUNT = 5_000
let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await openPglite(null)
  await migrate(db)
  ctx = await testBed(db)
  await fill()
}, 120_000)
afterAll(() => db.close())

const fill = () =>
  db.orm.execute(sql`insert into nodes (uuid, name, provision_state)
    select gen_random_uuid()::text, 'n' || n, 'enroll' from generate_series(1, ${sql.raw(String(COUNT))}) n`)

async function planOfPage(): Promise<string> {
  const rows = await db.orm.execute(sql`explain select uuid from nodes where parent_node is null
    order by name nulls first, id limit 1000`)
  return rowsOf<Record<string, string>>(rows)
    .map((line) => line['QUERY PLAN'])
    .join('\n')
}

/** PostgreSQL adds up what happened to its tables once a second, unless told. */
const counted = () => db.orm.execute(sql`select pg_stat_force_next_flush()`)

async function sizeOfNodes(): Promise<number> {
  const [row] = rowsOf<{ size: number }>(
    await db.orm.execute(sql`select pg_relation_size('nodes')::int as size`),
  )
  return row?.size ?? NaN
}

async function lastLookedAt(): Promise<unknown> {
  return rowsOf(
    await db.orm.execute(sql`select greatest(last_analyze, last_vacuum) as at
      from pg_stat_user_tables where relname = 'nodes'`),
  )
}

describe('upkeep of the embedded database', () => {
  it('is work of a conductor, and none of one beside a server', () => {
    expect(upkeep(ctx)).toHaveLength(1)
    expect(upkeep({ ...ctx, db: { ...db, kind: 'postgres' } })).toEqual([])
  })

  it('takes the statistics without which a page is sorted out of all nodes', async () => {
    expect(await planOfPage()).toContain('Sort')
    await tidy(ctx, noSignal)
    expect(await planOfPage()).toContain('Index Scan using nodes_name_idx')
  })

  it('leaves alone what has hardly changed', async () => {
    const before = await lastLookedAt()
    await db.orm.execute(sql`update nodes set extra = '{}' where id <= 100`)
    await tidy(ctx, noSignal)
    expect(await lastLookedAt()).toEqual(before)
  })

  it('lets the space of deleted rows be used again', async () => {
    const before = await sizeOfNodes()
    for (let turn = 0; turn < 3; turn += 1) {
      await db.orm.execute(sql`delete from nodes`)
      await counted()
      await tidy(ctx, noSignal)
      await fill()
    }
    expect(await sizeOfNodes()).toBeLessThan(1.2 * before)
  })

  it('ends between two tables when it has to', async () => {
    await db.orm.execute(sql`delete from nodes`)
    await counted()
    await expect(tidy(ctx, AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
  })
})
