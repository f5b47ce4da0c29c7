/**
 * A backup is text that psql reads too: a header, the rows of each table as `COPY … FROM stdin`, and the positions of
 * the sequences. Names ending in `.gz` are compressed. docs/operations.md, "Backup and restore".
 */
import type { Readable } from 'node:stream'

export const firstLine = '-- Ferric backup 1'
export const lastLine = '-- End of the backup'
/** What ends the rows of a table; no row in COPY's text format can look like it. */
export const endOfRows = '\\.'

export interface Header {
  /** The version of Ferric that wrote it. */
  readonly ferric: string
  /** `created_at` of the last applied migration. */
  readonly migration: number
  readonly createdAt: string
}

export interface TableContent {
  readonly name: string
  readonly columns: readonly string[]
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

export const headerLine = (header: Header) => `-- ${JSON.stringify(header)}`
export const columnList = ({ columns }: TableContent) => columns.map(quoted).join(', ')
export const tableName = ({ name }: TableContent) => `public.${quoted(name)}`
export const copyLine = (table: TableContent) =>
  `COPY ${tableName(table)} (${columnList(table)}) FROM stdin;`

/** Reads what `copyLine` wrote; null for any other line. */
export function copiedTable(line: string): TableContent | null {
  const [, name, columns] = /^COPY public\."((?:[^"]|"")+)" \((.+)\) FROM stdin;$/.exec(line) ?? []
  if (name === undefined || columns === undefined) return null
  const unquoted = (text: string) => text.replaceAll('""', '"')
  return {
    name: unquoted(name),
    columns: [...columns.matchAll(/"((?:[^"]|"")+)"/g)].map(([, column]) => unquoted(column ?? '')),
  }
}

/** Splits a stream at line feeds. The pieces keep their line feed; the last one may lack it. */
export async function* linesOf(stream: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, from)) {
      yield data.subarray(from, at + 1)
      from = at + 1
    }
    rest = data.subarray(from)
  }
  if (rest.length > 0) yield rest
}
