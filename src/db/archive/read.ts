import { createReadStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { once } from 'node:events'
import { createGunzip } from 'node:zlib'
import {
  copiedTable,
  endOfRows,
  firstLine,
  lastLine,
  linesOf,
  type Header,
  type TableContent,
} from './format.js'

/** A database to write to, inside a transaction. */
export interface ArchiveTarget {
  execute(text: string): Promise<void>
  /** A stream of a table's rows in COPY's text format; it ends the copy when it ends. */
  copyIn(table: TableContent): Promise<Writable>
}

const setval = /^SELECT pg_catalog\.setval\('public\.[\w"]+', \d+, true\);$/
const rowsPerWrite = 512

function textLines(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path)
  if (!path.endsWith('.gz')) return linesOf(file)
  const gunzip = createGunzip()
  file.once('error', (error) => gunzip.destroy(error))
  return linesOf(file.pipe(gunzip))
}

const without = (line: Buffer) => line.toString('utf8').replace(/\n$/, '')

/**
 * Reads the header of a backup.
 * @throws Error when the file is not a backup of Ferric's
 */
export async function readHeader(path: string): Promise<Header> {
  const lines = textLines(path)
  try {
    const [first, second] = [await lines.next(), await lines.next()]
    if (first.done === true || second.done === true || without(first.value) !== firstLine)
      throw new Error(`${path} is not a backup made by ferric backup`)
    return JSON.parse(without(second.value).slice('-- '.length)) as Header
  } finally {
    await lines.return(undefined)
  }
}

/**
 * Writes the content of a backup to a database whose tables are empty.
 * @returns the number of rows by table
 * @throws Error when the file is cut short or holds a line that `ferric backup` does not write
 */
export async function readArchive(
  path: string,
  target: ArchiveTarget,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const lines = textLines(path)
  let complete = false
  for await (const line of lines) {
    const text = without(line)
    const table = copiedTable(text)
    if (table !== null) counts.set(table.name, await copyRows(lines, await target.copyIn(table)))
    else if (setval.test(text)) await target.execute(text)
    else if (text === lastLine) complete = true
    else if (!text.startsWith('-- '))
      throw new Error(`${path}: unexpected line: ${text.slice(0, 80)}`)
  }
  if (!complete) throw new Error(`${path} is cut short: its last line is missing`)
  return counts
}

async function copyRows(lines: AsyncGenerator<Buffer>, into: Writable): Promise<number> {
  const failed = once(into, 'error').then(([error]) => {
    throw error
  })
  failed.catch(() => undefined)
  try {
    return await Promise.race([writeRows(lines, into), failed])
  } catch (error) {
    // The connection stays in the copy, and nothing else can use it, until the stream ends.
    into.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

async function writeRows(lines: AsyncGenerator<Buffer>, into: Writable): Promise<number> {
  let rows = 0
  let batch: Buffer[] = []
  const flush = async () => {
    const full = batch.length > 0 && !into.write(Buffer.concat(batch))
    batch = []
    if (full) await once(into, 'drain')
  }
  for (;;) {
    const next = await lines.next()
    if (next.done === true) throw new Error('the backup is cut short in the middle of a table')
    if (without(next.value) === endOfRows) break
    batch.push(next.value)
    rows += 1
    if (batch.length === rowsPerWrite) await flush()
  }
  await flush()
  const finished = once(into, 'finish')
  into.end()
  await finished
  return rows
}
