import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { migrate, pendingMigrations, readMigrations } from '../../src/db/migrate.js'
import { chassis } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { silent } from '../_util/silent.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-db-'))
  chmodSync(home, 0o755)
})
afterEach(() => rmSync(home, { recursive: true }))

function open(): Promise<Database> {
  return openDatabase(defaultConfig({ DEFAULT: { state_path: home } }), silent.db)
}

async function tablesOf(database: Database, schema: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    [schema],
  )
  return rows.map((row) => row.name)
}

const uuid = '11111111-2222-4333-8444-555555555555'

describe('the embedded database', () => {
  it('is migrated once and keeps its rows over a restart', { timeout: 180_000 }, async () => {
    const all = (await readMigrations()).length
    {
      await using database = await open()
      expect(await pendingMigrations(database)).toBe(all)
      expect(await migrate(database, { queue: false })).toBe(all)
      expect(await tablesOf(database, 'bullmq')).toEqual([])
      expect(await tablesOf(database, 'public')).toContain('nodes')
      await database.orm.insert(chassis).values({ uuid })
    }
    await using database = await open()
    expect(await pendingMigrations(database)).toBe(0)
    expect(await migrate(database)).toBe(0)
    expect(await tablesOf(database, 'bullmq')).toContain('job')
    expect(await database.orm.select({ uuid: chassis.uuid }).from(chassis)).toEqual([{ uuid }])
  })
})

describe('PostgreSQL', () => {
  it('that cannot be reached is named without its password', async () => {
    const connection = 'postgresql://u:secret@127.0.0.1:1/ferric'
    const opening = openDatabase(defaultConfig({ database: { connection } }), silent.db)
    await expect(opening).rejects.toThrow(
      /^Cannot connect to postgresql:\/\/127.0.0.1:1\/ferric: .*ECONNREFUSED/,
    )
  })
})
