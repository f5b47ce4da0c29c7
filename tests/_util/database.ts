import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/db/types.js'
import { ensureTemplate, open, withName, withServer } from './template.js'

let template: Promise<string> | undefined

/** The server of this run: the one that FERRIC_TEST_POSTGRES_URL names, or that tests/_util/server.ts has started. */
export function serverUrl(): string {
  const url = process.env['FERRIC_UNIT_POSTGRES_URL']
  if (!url) throw new Error('there is no test server: run the tests with vitest')
  return url
}

/** An empty database of its own, dropped when disposed of. */
export async function emptyDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  const url = serverUrl()
  const name = `ferric_empty_${randomUUID().replaceAll('-', '')}`
  await withServer(url, (sql) => sql.unsafe(`create database ${name}`))
  const drop = () => withServer(url, (sql) => sql.unsafe(`drop database ${name} with (force)`))
  return {
    url: withName(url, name),
    [Symbol.asyncDispose]: async () => {
      await drop()
    },
  }
}

/** Returns a fresh, migrated database of its own. Closing it (`await using` does) also drops it. */
export async function testDatabase(): Promise<Database> {
  const url = serverUrl()
  template ??= ensureTemplate(url)
  const source = await template
  const name = `ferric_test_${randomUUID().replaceAll('-', '')}`
  await withServer(url, (sql) => sql.unsafe(`create database ${name} template ${source}`))
  const database = await open(withName(url, name))
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAndDrop())
  const closeAndDrop = async () => {
    await database.close()
    await withServer(url, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
  }
  return { ...database, close, [Symbol.asyncDispose]: close }
}
