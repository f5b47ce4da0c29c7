import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite, types } from '@electric-sql/pglite'
import type { PGliteOptions, QueryOptions, Results, Transaction } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { ensureDataDirectory } from './data-directory.js'
import { lockDirectory } from './lock-file.js'
import { PglitePrepared } from './pglite-prepared.js'
import { QueuePool } from './queue-pool.js'
import type { QueryResult, SqlDriver, SqlSession } from './queue-pool.js'
import * as schema from './schema/index.js'
import type { Database } from './types.js'
import { describeHome } from './url.js'

/**
 * V8 compiles a function of WebAssembly anew for speed once it has run for a while. With its own idea of
 * a while, starting PostgreSQL alone makes it compile most of it: seconds of CPU time, 80 MiB.
 */
const tieringBudget = 100_000_000

/**
 * PGlite is one session. A query sent past an open transaction from inside it would wait for
 * that transaction, which waits for the query: refuse it instead.
 */
class SingleSessionPglite extends PGlite {
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()
  readonly #prepared = new PglitePrepared(this)

  #refuseInside(): void {
    if (this.#inside.getStore()?.open) {
      throw new Error('Query outside the open transaction, from inside it: use the `tx` given')
    }
  }

  override async query<T>(
    text: string,
    params?: unknown[],
    options?: QueryOptions,
  ): Promise<Results<T>> {
    this.#refuseInside()
    if (!this.#prepared.takes(text, options)) return super.query<T>(text, params, options)
    // Public, whatever its name: the turn that transactions take as well.
    return await this['_runExclusiveTransaction'](() => this.#run<T>(text, params, options))
  }

  #run<T>(text: string, params?: unknown[], options?: QueryOptions): Promise<Results<T>> {
    return this.runExclusive(() => this.#prepared.run<T>(text, params ?? [], options))
  }

  override async transaction<T>(callback: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#refuseInside()
    const scope = { open: true }
    try {
      return await super.transaction((tx) =>
        this.#inside.run(scope, () => callback(this.#preparing(tx))),
      )
    } finally {
      scope.open = false
    }
  }

  #preparing(tx: Transaction): Transaction {
    const plain = tx.query.bind(tx)
    const query: Transaction['query'] = (text, params, options) =>
      tx.closed || !this.#prepared.takes(text, options)
        ? plain(text, params, options)
        : this.#run(text, params, options)
    return Object.assign(tx, { query })
  }
}

/** `pg` hands 64-bit integers over as text, and BullMQ counts on it. */
const likePg: QueryOptions = { parsers: { [types.INT8]: (value: string) => value } }

async function run<R>(
  session: Pick<PGlite, 'query' | 'exec'>,
  text: string,
  params?: readonly unknown[],
): Promise<QueryResult<R>> {
  const result = params?.length
    ? await session.query<R>(text, [...params], likePg)
    : (await session.exec(text, likePg)).at(-1)
  const rows = (result?.rows ?? []) as R[]
  return { rows, rowCount: result?.rowCount ?? result?.affectedRows ?? null }
}

function pgliteDriver(pg: PGlite): SqlDriver {
  return {
    query: (text, params) => run(pg, text, params),
    transaction: (work) =>
      pg.transaction((tx) => {
        const session: SqlSession = { query: (text, params) => run(tx, text, params) }
        return work(session)
      }),
    listen: (channel, onPayload) => pg.listen(channel, onPayload),
  }
}

/**
 * PostgreSQL's default of 128 MiB is memory this process never gives back; the system keeps the files'
 * pages as well. Statistics (conductor/periodic/upkeep.ts) are taken of a tenth of the rows PostgreSQL
 * would take: everybody waits meanwhile, and plans need no more. Of the log (conductor/periodic/checkpoint.ts)
 * files for 80 MiB would be kept.
 */
const settings = ['shared_buffers=24MB', 'min_wal_size=32MB', 'default_statistics_target=10']
const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((one) => ['-c', one])]

/**
 * BullMQ's tables live in their own schema, and PGlite's one session serves both. On the role as
 * well, so that a `RESET` or a reconnect inside PGlite keeps it.
 */
const searchPath =
  'ALTER ROLE CURRENT_USER SET search_path = public, bullmq; SET search_path = public, bullmq'

/**
 * Opens the embedded database.
 * @param directory its data directory, created when missing; null keeps it in memory
 * @param options PGlite's own, for tests that load a template
 * @throws Error when another live process has the directory open
 */
export async function openPglite(
  directory: string | null,
  options: PGliteOptions = {},
): Promise<Database & { readonly client: PGlite }> {
  if (directory !== null) await mkdir(dirname(directory), { recursive: true })
  const lock = directory === null ? undefined : await lockDirectory(directory)
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`)
  let client: PGlite
  try {
    if (directory !== null) await ensureDataDirectory(directory)
    const home = directory === null ? {} : { dataDir: directory }
    client = new SingleSessionPglite({ startParams, ...options, ...home })
    await client.waitReady
    await client.exec(searchPath)
  } catch (error) {
    await lock?.release()
    throw new Error(`Cannot open the embedded database (${directory ?? 'in memory'})`, {
      cause: error,
    })
  }
  const close = once(async () => {
    await client.close()
    await lock?.release()
  })
  return {
    orm: drizzle({ client, schema }),
    kind: 'pglite',
    pool: new QueuePool(pgliteDriver(client)),
    description: describeHome({ kind: 'pglite', directory }),
    client,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
