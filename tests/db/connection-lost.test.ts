import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import type { Database } from '../../src/db/types.js'
import { fromUnknown } from '../../src/errors.js'
import { serverUrl } from '../_util/database.js'
import { silent } from '../_util/silent.js'

/** A TCP proxy before PostgreSQL that cuts all its connections and refuses new ones. */
class Wire {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => this.#join(client))
  #port = 0

  constructor(target: string) {
    this.#target = new URL(target)
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${this.#port}`
    url.searchParams.delete('host')
    return url.href
  }

  cut(): void {
    this.#server.close()
    // A Unix socket knows no reset.
    for (const socket of this.#sockets)
      if (socket.remoteFamily === undefined) socket.destroy()
      else socket.resetAndDestroy()
    this.#sockets.clear()
  }

  #dial(): Socket {
    const { port, hostname, searchParams } = this.#target
    const directory = searchParams.get('host')
    if (directory !== null) return connect(`${directory}/.s.PGSQL.${port || 5432}`)
    return connect(Number(port || 5432), hostname)
  }

  #join(client: Socket): void {
    const server = this.#dial()
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  }
}

const wire = new Wire(serverUrl())
let db: Database

beforeAll(async () => {
  const connection = await wire.open()
  db = await openDatabase(defaultConfig({ database: { connection } }), silent.db)
}, 30_000)
afterAll(async () => {
  wire.cut()
  await db.close()
})

const work: Record<string, () => Promise<unknown>> = {
  statements: () => db.orm.execute('select pg_sleep(0.5)'),
  'queries of the queue': () => db.pool.query('select pg_sleep(0.5)'),
}

/** The errors of work that is under way when the wire is cut for a moment. */
async function failures(one: () => Promise<unknown>): Promise<unknown[]> {
  const running = Promise.allSettled(Array.from({ length: 20 }, one))
  await sleep(200)
  wire.cut()
  const started = Promise.allSettled(Array.from({ length: 5 }, one))
  await sleep(200)
  await wire.open()
  return [...(await running), ...(await started)].flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  )
}

describe('a database that is cut off', () => {
  it.each(Object.keys(work))('fails %s with 503 and Retry-After only', async (name) => {
    const errors = await failures(work[name] ?? (() => Promise.resolve()))
    expect(errors.length).toBeGreaterThan(0)
    const answers = errors.map(fromUnknown)
    expect(answers.filter(({ status }) => status !== 503).map(({ cause }) => cause)).toEqual([])
    expect(new Set(answers.map(({ headers }) => headers['Retry-After']))).toEqual(new Set(['5']))
    await db.orm.execute('select 1')
  })
})
