// What a page costs follows the page, not the number of nodes: its plan reads an index in order, from the marker on.
import { eq, sql, type SQL } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { afterMarker, orderBy, type Page } from '../../src/api/paging.js'
import { rawRows } from '../../src/db/raw-rows.js'
import { nodes } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'

const COUNT = 20_000
let db: Database

beforeAll(async () => {
  db = await testDatabase()
  await db.orm.execute(sql`insert into nodes
      (uuid, name, driver, provision_state, resource_class, owner, lessee, shard, conductor_group)
    select gen_random_uuid()::text, 'n' || n, 'driver-' || n % 3, 'state-' || n % 5,
      'class-' || n % 20, 'owner-' || n % 20, 'lessee-' || n % 20, 'shard-' || n % 20, 'group-' || n % 4
    from generate_series(1, ${sql.raw(String(COUNT))}) n`)
  await db.orm.execute(sql`analyze nodes`)
}, 120_000)
afterAll(() => db.close())

async function planOf(page: Page, condition?: SQL): Promise<string> {
  const query = db.orm
    .select({ id: nodes.id })
    .from(nodes)
    .where(condition)
    .orderBy(...orderBy(nodes, page))
    .limit(page.limit)
  const lines = await rawRows<Record<string, string>>(db.orm, sql`explain ${query.getSQL()}`)
  return lines.map((line) => line['QUERY PLAN']).join('\n')
}

/** A node in the middle of the list. */
async function middleRow(page: Page) {
  const [row] = await db.orm
    .select()
    .from(nodes)
    .orderBy(...orderBy(nodes, page))
    .limit(1)
    .offset(COUNT / 2)
  if (row === undefined) throw new Error('there are too few nodes')
  return row
}

const readsInOrder = (plan: string): boolean =>
  /Index (Only )?Scan/.test(plan) && !/(^|-> +)Sort|Seq Scan|Bitmap/m.test(plan)

describe('a page of nodes', () => {
  const keys =
    'id uuid name driver provision_state resource_class owner lessee shard conductor_group created_at'

  it.each(keys.split(' '))(
    'sorted by %s is read in order, from a marker on too',
    async (sortKey) => {
      const page: Page = { limit: 100, sortKey, sortDir: 'asc' }
      const marker = await middleRow(page)
      for (const plan of [await planOf(page), await planOf(page, afterMarker(nodes, page, marker))])
        expect([readsInOrder(plan), plan]).toEqual([true, plan])
      expect(await planOf(page, afterMarker(nodes, page, marker))).toContain('Index Cond')
    },
  )

  it('the newest first is read in order, backwards', async () => {
    const plan = await planOf({ limit: 100, sortKey: 'created_at', sortDir: 'desc' })
    expect([readsInOrder(plan), plan]).toEqual([true, plan])
  })

  it.each([
    ['driver', eq(nodes.driver, 'driver-1')],
    ['provision_state', eq(nodes.provisionState, 'state-1')],
    ['resource_class', eq(nodes.resourceClass, 'class-1')],
    ['owner', eq(nodes.owner, 'owner-1')],
    ['shard', eq(nodes.shard, 'shard-1')],
    ['conductor_group', eq(nodes.conductorGroup, 'group-1')],
  ])('filtered by %s is read in order', async (_name, condition) => {
    const plan = await planOf({ limit: 100, sortKey: 'id', sortDir: 'asc' }, condition)
    expect([readsInOrder(plan), plan]).toEqual([true, plan])
  })
})
