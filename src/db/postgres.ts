import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Options, PostgresType, Sql, TransactionSql } from 'postgres'
import { errorText } from '../error-text.js'
import type { Logger } from '../log/logger.js'
import { PreparedTexts } from './prepared.js'
import { QueuePool } from './queue-pool.js'
import type { QueryResult, SqlDriver } from './queue-pool.js'
import * as schema from './schema/index.js'
import type { Connection, Database } from './types.js'
import { describeHome } from './url.js'

type Types = { json: unknown }

const connectTimeoutSeconds = 10
const closeTimeoutSeconds = 5

/** How many databases this process has opened. */
let opened = 0

/** Connection options of a URL; SQLAlchemy's and libpq's parameters are both understood. */
function connectionOptions(url: URL): Options<Record<string, PostgresType>> {
  const query = url.searchParams
  const sslmode = query.get('sslmode')
  return {
    host: query.get('host') ?? (decodeURIComponent(url.hostname) || 'localhost'),
    port: Number(query.get('port') ?? (url.port || 5432)),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(sslmode && { ssl: sslOf(sslmode) }),
  }
}

function sslOf(mode: string): Exclude<Options<Record<string, PostgresType>>['ssl'], undefined> {
  if (mode === 'disable') return false
  if (mode === 'verify-full' || mode === 'verify-ca') return 'verify-full'
  return mode === 'prefer' || mode === 'allow' ? mode : 'require'
}

/** As `pg` does it: text goes through as it is, everything else as JSON. */
const jsonLikePg = {
  to: 114,
  from: [114, 3802],
  serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  parse: (text: string): unknown => JSON.parse(text),
}

async function run<R>(
  session: Sql<Types> | TransactionSql<Types>,
  text: string,
  params?: readonly unknown[],
): Promise<QueryResult<R>> {
  const values = (params ?? []) as Parameters<typeof session.unsafe>[1]
  const prepare = params !== undefined
  const result = await reached(session.unsafe<(R & object)[]>(text, values, { prepare }))
  return { rows: [...result], rowCount: result.count }
}

function postgresDriver(sql: Sql<Types>): SqlDriver {
  return {
    query: (text, params) => run(sql, text, params),
    transaction: async (work) => {
      await reached(sql.begin((tx) => work({ query: (text, params) => run(tx, text, params) })))
    },
    listen: async (channel, onPayload) => {
      const subscription = await sql.listen(channel, onPayload)
      return () => subscription.unlisten()
    },
  }
}

/** The connection to the server failed; the code is SQL's (class 08, connection exception). */
class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
  readonly code = '08006'
}

/** Gives Node's error of a failed connection SQL's code: without a statement, drizzle wraps nothing. */
async function reached<T>(work: PromiseLike<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) {
      throw new ConnectionFailed(`PostgreSQL is not reached: ${cause.message}`, { cause })
    }
    throw cause
  }
}

/** Drizzle asks for no statement to be prepared: here those are that come often. */
function preparing(sql: Sql): Sql {
  const texts = new PreparedTexts()
  const over = <S extends Pick<Sql, 'unsafe'>>(session: S): S => {
    const plain = session.unsafe.bind(session)
    const unsafe: Sql['unsafe'] = (text, params, options) =>
      plain(text, params, { ...options, prepare: texts.prepares(text) })
    return Object.assign(session, { unsafe })
  }
  const begin = sql.begin.bind(sql)
  const beginPreparing = (work: (tx: TransactionSql) => unknown) =>
    reached(begin((tx) => work(over(tx))))
  return Object.assign(over(sql), { begin: beginPreparing as Sql['begin'] })
}

async function connectOnce(options: Options<Record<string, PostgresType>>): Promise<Connection> {
  const sql = postgres({ ...options, max: 1 })
  const close = () => sql.end({ timeout: closeTimeoutSeconds })
  try {
    await sql`select 1`
  } catch (error) {
    await close()
    throw error
  }
  return { sql, [Symbol.asyncDispose]: close }
}

/**
 * Opens PostgreSQL: one pool for the tables and a smaller one for BullMQ, whose session settings
 * (schema, JSON handling) differ.
 * @param url `postgresql://`, with libpq's `host`, `port` and `sslmode` parameters if need be
 * @param max most connections of this process in the first pool; the second takes up to half
 * @throws Error when the server cannot be reached or refuses
 */
export async function openPostgres(url: URL, max: number, log: Logger): Promise<Database> {
  const shared: Options<Record<string, PostgresType>> = {
    ...connectionOptions(url),
    connect_timeout: connectTimeoutSeconds,
    onnotice: (notice) => log.debug({ notice: notice['message'] }, 'PostgreSQL notice'),
  }
  // The embedded home counts the users of its server by these names.
  const user = `${process.pid}.${opened++}`
  const named = (name: string) => ({ application_name: `${name} ${user}` })
  const sql = preparing(postgres({ ...shared, max: Math.max(2, max), connection: named('ferric') }))
  const queueSql = postgres({
    ...shared,
    max: Math.max(2, Math.floor(max / 2)),
    connection: { ...named('ferric-queue'), search_path: 'bullmq' },
    types: { json: jsonLikePg },
  })
  const close = async () => {
    await Promise.all([sql, queueSql].map((s) => s.end({ timeout: closeTimeoutSeconds })))
  }
  const description = describeHome({ kind: 'postgres', url })
  try {
    await reached(sql`select 1`)
  } catch (error) {
    await close()
    const reason = errorText(error)
    throw new Error(`Cannot connect to ${description}: ${reason}`, { cause: error })
  }
  return {
    orm: drizzle(sql, { schema }),
    pool: new QueuePool(postgresDriver(queueSql)),
    description,
    connect: () => connectOnce({ ...shared, connection: named('ferric-single') }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
