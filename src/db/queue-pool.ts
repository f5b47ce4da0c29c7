/**
 * An object of `pg.Pool`'s shape for BullMQ's PostgreSQL backend, over whatever runs the SQL.
 * BullMQ needs three things: plain queries, `BEGIN` … `COMMIT` on one session, and
 * `LISTEN` with `notification` events. A client holds a session only while its transaction is
 * open, so the long-lived `LISTEN` clients of many workers cost none.
 */
export interface QueryResult<R = unknown> {
  rows: R[]
  rowCount: number | null
}

export interface SqlSession {
  /** The caller names the row type, as with `pg`: build the query so that it is right. */
  query<R = unknown>(text: string, params?: readonly unknown[]): Promise<QueryResult<R>>
}

/** What a home of the database offers the pool. */
export interface SqlDriver extends SqlSession {
  /** Runs `work` alone on one session inside a transaction; a rejection rolls back. */
  transaction(work: (session: SqlSession) => Promise<void>): Promise<void>
  /** Resolves once subscribed, to the function that unsubscribes. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>
}

export interface QueueNotification {
  channel: string
  payload: string
}
type ClientListener = (event: never) => void

const empty: QueryResult<never> = { rows: [], rowCount: 0 }
const rollback = Symbol('rollback')

/** The first words of a statement, without the comments BullMQ's SQL files open with. */
function statementOf(text: string): string {
  return text
    .replaceAll(/--[^\n]*/g, '')
    .trim()
    .replace(/;$/, '')
}

interface OpenTransaction {
  readonly session: SqlSession
  readonly end: (outcome: 'commit' | 'rollback') => Promise<void>
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle! }
}

/** Turns the callback form into `BEGIN` and `COMMIT` issued one by one. */
function openTransaction(driver: SqlDriver): Promise<OpenTransaction> {
  const opened = deferred<OpenTransaction>()
  const ending = deferred<void>()
  const finished = driver
    .transaction((session) => {
      opened.resolve({
        session,
        end: (outcome) => {
          if (outcome === 'commit') ending.resolve()
          else ending.reject(rollback)
          return finished
        },
      })
      return ending.promise
    })
    .catch((error: unknown) => {
      opened.reject(error)
      if (error !== rollback) throw error
    })
  // The outcome is awaited by `end`; this only keeps a failed begin from being reported twice.
  finished.catch(() => undefined)
  return opened.promise
}

/** `pg.PoolClient`, as far as BullMQ uses it. */
export class QueueClient implements SqlSession {
  readonly #driver: SqlDriver
  readonly #listeners = new Set<(event: QueueNotification) => void>()
  readonly #channels = new Map<string, Promise<() => Promise<void>>>()
  #transaction: OpenTransaction | undefined

  constructor(driver: SqlDriver) {
    this.#driver = driver
  }

  async query<R = unknown>(text: string, params?: readonly unknown[]): Promise<QueryResult<R>> {
    const statement = statementOf(text)
    if (statement === 'BEGIN') return this.#begin()
    if (statement === 'COMMIT') return this.#end('commit')
    if (statement === 'ROLLBACK') return this.#end('rollback')
    const channel = /^LISTEN\s+"?(\w+)"?$/i.exec(statement)?.[1]
    if (channel !== undefined) return this.#listen(channel)
    // A client has no connection of its own that could carry a name.
    if (/^SELECT set_config\('application_name'/i.test(statement)) return empty
    return (this.#transaction?.session ?? this.#driver).query<R>(text, params)
  }

  async #begin(): Promise<QueryResult<never>> {
    if (this.#transaction) throw new Error('A transaction is already open on this client')
    this.#transaction = await openTransaction(this.#driver)
    return empty
  }

  async #end(outcome: 'commit' | 'rollback'): Promise<QueryResult<never>> {
    const open = this.#transaction
    this.#transaction = undefined
    await open?.end(outcome)
    return empty
  }

  async #listen(channel: string): Promise<QueryResult<never>> {
    if (!this.#channels.has(channel)) {
      const notify = (payload: string) => {
        for (const listener of this.#listeners) listener({ channel, payload })
      }
      this.#channels.set(channel, this.#driver.listen(channel, notify))
    }
    await this.#channels.get(channel)
    return empty
  }

  /** `error` and `end` never come: the home reconnects and subscribes again by itself. */
  on(event: string, listener: ClientListener): this {
    if (event === 'notification') {
      this.#listeners.add(listener as (event: QueueNotification) => void)
    }
    return this
  }

  removeListener(_event: string, listener: ClientListener): this {
    this.#listeners.delete(listener as (event: QueueNotification) => void)
    return this
  }

  removeAllListeners(): this {
    this.#listeners.clear()
    return this
  }

  release(): void {
    this.#listeners.clear()
    const pending: Promise<unknown>[] = [...this.#channels.values()].map(async (subscribed) => {
      const stop = await subscribed
      await stop()
    })
    this.#channels.clear()
    if (this.#transaction) pending.push(this.#end('rollback'))
    // `release` cannot be awaited. These fail only when the connection is lost, and nothing
    // then remains to be released.
    for (const one of pending) one.catch(() => undefined)
  }
}

/** `pg.Pool`, as far as BullMQ uses it. Its owner closes the driver; `end` does not. */
export class QueuePool implements SqlSession {
  /** BullMQ shortens its waits unless the connection it listens on detects its own loss. */
  readonly options = { keepAlive: true }
  readonly #driver: SqlDriver

  constructor(driver: SqlDriver) {
    this.#driver = driver
  }

  query<R = unknown>(text: string, params?: readonly unknown[]): Promise<QueryResult<R>> {
    return this.#driver.query<R>(text, params)
  }

  connect(): Promise<QueueClient> {
    return Promise.resolve(new QueueClient(this.#driver))
  }

  end(): Promise<void> {
    return Promise.resolve()
  }

  on(): this {
    return this
  }

  removeAllListeners(): this {
    return this
  }
}
