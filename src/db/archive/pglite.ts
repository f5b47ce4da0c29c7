/** Reads a database of Ferric 0.1, which was PGlite, with the package that the operator installs for it once. */
import { ferricVersion } from '../../installation.js'
import type { TableContent } from './format.js'
import { columnList, tableName } from './format.js'
import { writeArchive } from './write.js'

/** What is used of `@electric-sql/pglite`. */
interface Pglite {
  query(text: string): Promise<{ rows: Record<string, unknown>[]; blob?: Blob }>
  close(): Promise<void>
}
interface PgliteModule {
  readonly PGlite: { create(directory: string): Promise<Pglite> }
}

/** A name that no bundler follows: the package is not among Ferric's dependencies. */
const packageName: string = '@electric-sql/pglite'

async function pglite(): Promise<PgliteModule> {
  try {
    return (await import(packageName)) as PgliteModule
  } catch (cause) {
    throw new Error('PGlite is not installed: npm install --no-save @electric-sql/pglite@0.5', {
      cause,
    })
  }
}

/**
 * Writes the content of a PGlite directory as a backup.
 * @returns the number of tables
 * @throws Error when the package is missing or the directory cannot be opened
 */
export async function archivePglite(directory: string, path: string): Promise<number> {
  const { PGlite } = await pglite()
  const database = await PGlite.create(directory)
  try {
    const query = async (text: string) => (await database.query(text)).rows
    const about = { ferric: ferricVersion(), createdAt: new Date().toISOString() }
    return await writeArchive({ query, copyOut: (table) => copyOut(database, table) }, path, about)
  } finally {
    await database.close()
  }
}

async function* copyOut(database: Pglite, table: TableContent): AsyncGenerator<Uint8Array> {
  const text = `COPY ${tableName(table)} (${columnList(table)}) TO '/dev/blob'`
  const { blob } = await database.query(text)
  if (blob !== undefined) yield new Uint8Array(await blob.arrayBuffer())
}
