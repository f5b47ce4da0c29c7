/** Where the values are tried: Ferric in this process, or a server that listens. */
import { sql } from 'drizzle-orm'
import { rawRows } from '../../../src/db/raw-rows.js'
import type { Database } from '../../../src/db/types.js'
import { httpClient, type ApiClient } from '../../_util/api.js'
import { openBench } from '../_node-bench.js'

export interface Ground {
  readonly send: ApiClient
  /** Until what was accepted for a node has been done. */
  settle(node: string): Promise<void>
  /** A digest of all that is stored; undefined where nobody can look. */
  stored(): Promise<string | undefined>
}

/** Not about what clients write: who is alive, and what was said of it. */
const ASIDE = ['ferric_processes', 'ferric_timeline', 'conductors']
/** Taking a node's lock and giving it back moves `updated_at`, as upstream's does. */
const row = `regexp_replace(to_json(t)::text, '"updated_at":[^,}]*', '')`

async function digestQuery(db: Database): Promise<string> {
  const rows = await rawRows<{ name: string }>(
    db.orm,
    sql`select tablename as name from pg_tables where schemaname = current_schema()`,
  )
  const tables = rows.map(({ name }) => name)
  const digests = tables
    .filter((name) => !ASIDE.includes(name))
    .map(
      (name) => `select '${name}' as name, string_agg(${row}, '|' order by ${row}) as rows
        from "${name}" t`,
    )
  return `select md5(string_agg(name || coalesce(rows, ''), '|' order by name)) as digest
    from (${digests.join(' union all ')}) of_all`
}

/** Ferric over a database of its own, whose work is done when asked. */
export async function inProcess(): Promise<Ground & AsyncDisposable> {
  const bench = await openBench({ conductor: { automated_clean: false } })
  const query = sql.raw(await digestQuery(bench.ctx.db))
  return {
    send: bench.send,
    settle: () => bench.settle(),
    stored: async () => {
      const [row] = await rawRows<{ digest: string }>(bench.ctx.db.orm, query)
      return row?.digest
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
}

/** Fake hardware needs a second at most for anything. */
const LONG_MS = 30_000

/** A node that is worked on for good. */
export class NeverEnds extends Error {
  override readonly name = 'NeverEnds'
}

/** It failed, and heads for nowhere any more. */
const isAtRest = (node: Record<string, unknown>): boolean =>
  String(node['provision_state']).endsWith(' failed')

const pause = () => new Promise((resolve) => setTimeout(resolve, 100))

/** A server, whose nodes are watched until nobody works on them. */
export function overHttp(url: string): Ground {
  const send = httpClient(url)
  return {
    send,
    settle: async (node) => {
      for (const end = Date.now() + LONG_MS; Date.now() < end; await pause()) {
        const { body } = await send('GET', `/v1/nodes/${node}`, { version: '1.115' })
        if (body?.['reservation'] !== null) continue
        if (body['target_provision_state'] === null || isAtRest(body)) return
      }
      throw new NeverEnds(`${node} is worked on for ${LONG_MS} ms`)
    },
    stored: () => Promise.resolve(undefined),
  }
}
