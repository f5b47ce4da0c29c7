import { afterAll, beforeAll, expect, it } from 'vitest'
import { types } from '@electric-sql/pglite'
import type { PGlite, Transaction } from '@electric-sql/pglite'
import { openPglite } from '../../src/db/pglite.js'

let db: Awaited<ReturnType<typeof openPglite>>
let pg: PGlite

beforeAll(async () => {
  db = await openPglite(null)
  pg = db.client
  await pg.exec(`create table things (id int primary key, name text constraint things_name unique,
    doc json, tags text[], big bigint, at timestamptz, raw bytea)`)
})
afterAll(async () => db.close())

/** The same statement as often as it takes to be prepared, and once more. */
async function often<T>(run: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let n = 0; n < 5; n++) results.push(await run())
  return results
}

function signal() {
  let give!: () => void
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { give, given }
}

const preparedTexts = async () =>
  (await pg.query<{ statement: string }>('select statement from pg_prepared_statements')).rows.map(
    (row) => row.statement,
  )

it('answers the same prepared as not, whatever the types', async () => {
  const values = [1, 'näme ☃', { a: [1, null] }, ['x', 'y "z"'], 2n ** 60n, new Date(0), null]
  await pg.query('insert into things values ($1, $2, $3, $4, $5, $6, $7)', values)
  const text = 'select *, $1::text as given from things where id = $2'
  for (const options of [
    undefined,
    { rowMode: 'array' as const },
    { parsers: { [types.TIMESTAMPTZ]: (value: string) => `at ${value}` } },
  ]) {
    const all = await often(() => pg.query(text, ['a', 1], options))
    expect(all[4]).toEqual(all[0])
  }
  expect(await preparedTexts()).toContain(text)
  const unlike = await pg.query(`${text} and true`, ['a', 1])
  expect(await pg.query(text, ['a', 1])).toEqual(unlike)
})

it('counts the rows it wrote, and returns those it was asked for', async () => {
  let id = 10
  const inserts = await often(() => pg.query('insert into things (id) values ($1)', [id++]))
  expect(inserts.map((result) => result.affectedRows)).toEqual([1, 1, 1, 1, 1])
  const updates = await often(() =>
    pg.query('update things set big = $1 where id >= 10 returning id', [null]),
  )
  expect(updates[4]).toEqual(updates[0])
  expect(updates[4]?.rows).toHaveLength(5)
})

it('fails as PostgreSQL says, and the session goes on', async () => {
  const insert = (name: string) =>
    pg.query('insert into things (id, name) values (nextval($1), $2)', ['numbers', name])
  await pg.exec('create sequence numbers start 100')
  for (const name of ['a', 'b', 'c', 'd']) await insert(name)
  await expect(insert('a')).rejects.toMatchObject({ code: '23505', constraint: 'things_name' })
  expect((await insert('e')).affectedRows).toBe(1)
})

it('is part of the transaction it is sent in', async () => {
  const add = (tx: Transaction, id: number) => tx.query('insert into things (id) values ($1)', [id])
  await pg.transaction(async (tx) => await add(tx, 200))
  const undone = pg.transaction(async (tx) => {
    for (const id of [201, 202, 203, 204]) await add(tx, id)
    throw new Error('no')
  })
  await expect(undone).rejects.toThrow('no')
  const broken = pg.transaction(async (tx) => {
    await add(tx, 205)
    await add(tx, 200)
  })
  await expect(broken).rejects.toMatchObject({ code: '23505' })
  const count = () =>
    pg.query<{ n: number }>('select count(*)::int as n from things where id > 199')
  expect((await often(count)).map((result) => result.rows[0]?.n)).toEqual([1, 1, 1, 1, 1])
})

it('waits for a transaction that is open, as every statement', async () => {
  const read = () => pg.query<{ n: number }>('select count(*)::int as n from things where id = 300')
  await often(read)
  const begun = signal()
  const ends = signal()
  const writing = pg.transaction(async (tx) => {
    await tx.query('insert into things (id) values (300)')
    begun.give()
    await ends.given
    await tx.query('delete from things where id = 300')
  })
  await begun.given
  const seen = read()
  ends.give()
  await writing
  expect((await seen).rows).toEqual([{ n: 0 }])
})

it('is prepared anew when what it reads has changed', async () => {
  const read = () => pg.query<Record<string, unknown>>('select * from things where id = 1')
  await often(read)
  await pg.exec('alter table things add column later int default 7')
  expect((await read()).rows[0]).toMatchObject({ id: 1, later: 7 })
  await pg.exec('deallocate all')
  expect((await read()).rows[0]).toMatchObject({ id: 1, later: 7 })
})
