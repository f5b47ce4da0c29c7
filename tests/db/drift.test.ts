import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { describe, expect, it } from 'vitest'
import * as schema from '../../src/db/schema/index.js'
import { upstreamTables } from './upstream-tables.js'

type Snapshot = Parameters<typeof generateMigration>[0]

const migrations = join(import.meta.dirname, '../../migrations/meta')

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(migrations, name), 'utf8'))
}

function lastSnapshot(): Snapshot {
  const { entries } = readJson('_journal.json') as { entries: { tag: string }[] }
  const number = entries.at(-1)?.tag.slice(0, 4)
  return readJson(`${number}_snapshot.json`) as Snapshot
}

const tables = Object.values(schema as Record<string, unknown>)
  .filter((value): value is PgTable => is(value, PgTable))
  .map((table) => getTableConfig(table))

/**
 * Wider than upstream's: SQLite, under many an Ironic, stores what its API lets through, such as
 * a UUID written `urn:uuid:…`.
 */
const wider: Readonly<Record<string, string>> = {
  uuid: 'varchar(64)',
  instance_uuid: 'varchar(64)',
  parent_node: 'varchar(64)',
  owner: 'varchar(1024)',
  lessee: 'varchar(1024)',
  'node_history.user': 'text',
  'node_history.project': 'text',
  'volume_connectors.type': 'varchar(1024)',
  'volume_connectors.connector_id': 'varchar(1024)',
  'volume_targets.volume_type': 'varchar(1024)',
  'volume_targets.volume_id': 'varchar(1024)',
}
const widthOf = (table: string, column: string, type: string): string =>
  wider[`${table}.${column}`] ?? wider[column] ?? sqlType(type)

/** The PostgreSQL type that stands for a type of upstream's models. */
function sqlType(type: string): string {
  const length = /^string(\d+)$/.exec(type)?.[1]
  if (length) return `varchar(${length})`
  const types: Readonly<Record<string, string>> = {
    int: 'integer',
    bool: 'boolean',
    datetime: 'timestamp (6) with time zone',
  }
  return types[type] ?? type
}

describe('the drizzle schema', () => {
  it('says what the migrations say', async () => {
    const current = generateDrizzleJson(schema)
    expect(await generateMigration(lastSnapshot(), current)).toEqual([])
  })

  it("has Ironic's tables, and its own under a name Ironic does not use", () => {
    const names = tables.map((table) => table.name)
    expect(names.filter((name) => !name.startsWith('ferric_')).toSorted()).toEqual(
      Object.keys(upstreamTables).toSorted(),
    )
  })

  it.each(Object.entries(upstreamTables))("gives %s Ironic's columns", (name, facts) => {
    const wanted = `${facts} created_at:datetime updated_at:datetime version:string15`
      .split(' ')
      .map((fact) => fact.split(':') as [string, string])
    const table = tables.find((one) => one.name === name)
    const columns = table?.columns.map((column) => {
      return [column.name, column.getSQLType().replace('serial', 'integer')]
    })
    expect(Object.fromEntries(columns ?? [])).toEqual(
      Object.fromEntries(wanted.map(([column, type]) => [column, widthOf(name, column, type)])),
    )
  })
})
