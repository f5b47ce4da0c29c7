import { expect, it } from 'vitest'
import { migrate, readMigrations } from '../../src/db/migrate.js'
import { emptyDatabase } from '../_util/database.js'
import { open } from '../_util/template.js'

it('is migrated once by processes that start together', async () => {
  await using empty = await emptyDatabase()
  const databases = await Promise.all([1, 2, 3, 4].map(() => open(empty.url)))
  const applied = await Promise.all(databases.map((one) => migrate(one)))
  await Promise.all(databases.map((one) => one.close()))
  expect(applied.toSorted((a, b) => a - b)).toEqual([0, 0, 0, (await readMigrations()).length])
})
