/**
 * Space for PostgreSQL's write-ahead log, taken while there is some. PostgreSQL gives up the whole server when it cannot
 * extend this log; a table that cannot grow costs the statement alone. With all segments there, a full disk therefore
 * stops writes that need space, and nothing else (docs/operations.md, "The embedded database").
 */
import postgres from 'postgres'

const segmentMegabytes = 16
/** How far the log may grow between checkpoints; its old segments are used again. */
export const logMegabytes = 128
const segments = logMegabytes / segmentMegabytes

/**
 * Creates the segments that are missing, about 128 MB on the first start.
 * @param url of the server, which may run without them
 * @throws Error when the disk has too little space, or when the server ends meanwhile
 */
export async function reserveLogSpace(url: URL): Promise<void> {
  const host = url.searchParams.get('host')
  const plain = new URL(url)
  plain.search = ''
  const sql = postgres(plain.href, { max: 1, ...(host === null ? {} : { host }) })
  try {
    const [row] = await sql`select count(*)::int as n from pg_ls_waldir() where size > 0`
    for (let n = Number(row?.['n']); n < segments; n++) {
      await sql`select pg_logical_emit_message(false, 'ferric', 'a segment of its own')`
      await sql`select pg_switch_wal()`
    }
    // A checkpoint renames the segments that it no longer needs, for later use.
    if (Number(row?.['n']) < segments) await sql`checkpoint`
  } finally {
    await sql.end()
  }
}
