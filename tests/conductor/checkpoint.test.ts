import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkpoint, checkpointLog } from '../../src/conductor/periodic/checkpoint.js'
import { rawRows } from '../../src/db/raw-rows.js'
import { migrate } from '../../src/db/migrate.js'
import { openPglite } from '../../src/db/pglite.js'
import type { Database } from '../../src/db/types.js'
import { testBed, type Bed } from './_harness.js'

let db: Database
let ctx: Bed

beforeAll(async () => {
  db = await openPglite(null)
  await migrate(db)
  ctx = await testBed(db)
  await db.orm.execute(sql`checkpoint`)
})
afterAll(async () => db.close())

const written = (mib: number) =>
  db.orm.execute(
    sql`select pg_logical_emit_message(false, 'test', repeat('x', 1048576))
      from generate_series(1, ${mib}::int)`,
  )
const numberOf = async (statement: string) =>
  Number((await rawRows(db.orm, sql.raw(statement)))[0]?.['n'])
const logFiles = () => numberOf('select count(*) as n from pg_ls_waldir()')
const lastCheckpoint = () =>
  numberOf(`select redo_lsn - '0/0'::pg_lsn as n from pg_control_checkpoint()`)

it('comes when much was written, so that the log stays as short as it is', async () => {
  const files: number[] = []
  for (let round = 0; round < 4; round++) {
    await written(48)
    await checkpointLog(ctx)
    files.push(await logFiles())
  }
  expect(Math.max(...files)).toBeLessThan(8)
})

it('does not come for little', async () => {
  const before = await lastCheckpoint()
  await written(1)
  await checkpointLog(ctx)
  expect(await lastCheckpoint()).toBe(before)
})

it('is none of our business on a server', () => {
  expect(checkpoint({ db }).interval).toBeGreaterThan(0)
  expect(checkpoint({ db: { ...db, kind: 'postgres' } }).interval).toBe(0)
})
