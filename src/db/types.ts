import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type postgres from 'postgres'
import type { QueuePool } from './queue-pool.js'
import type * as schema from './schema/index.js'

/** `tx` inside `transaction` has the same shape. */
export type Orm = PgDatabase<PgQueryResultHKT, typeof schema>
export type Transaction = Parameters<Parameters<Orm['transaction']>[0]>[0]
/** What a query function takes, so that it runs inside or outside a transaction. */
export type Queryable = Orm | Transaction

/** One connection; disposing of it closes it. */
export interface Connection extends AsyncDisposable {
  readonly sql: postgres.Sql
}

/** An open database in one of its homes. */
export interface Database extends AsyncDisposable {
  readonly orm: Orm
  /** An object of `pg.Pool`'s shape, for BullMQ's PostgreSQL backend. */
  readonly pool: QueuePool
  /** Where it lives, without credentials, for the start-up message. */
  readonly description: string
  /** Opens one more connection, for what needs a session of its own: COPY, and long transactions. */
  connect(): Promise<Connection>
  /** Says why writes fail although statements are answered, where the home can tell; null when they should not. */
  readonly trouble?: () => Promise<string | null>
  close(): Promise<void>
}
