import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BodiesInFlight, BodyBudget } from '../../src/api/body-budget.js'
import { startApi, type ApiServer } from '../../src/api/server.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { rawExchange } from '../_util/raw-exchange.js'
import { testBed } from '../conductor/_harness.js'

const mib = 1024 * 1024
const blanks = Buffer.alloc(16 * mib - 1, 0x20)
let db: Database
let server: ApiServer
const open: Socket[] = []

beforeAll(async () => {
  db = await testDatabase()
  server = await startApi(await testBed(db, { config: { api: { port: 0 } } }))
}, 30_000)
afterAll(async () => {
  for (const socket of open) socket.destroy()
  await server.close(0)
  await db.close()
})

/** Sends all but the end of a body of 16 MiB. @returns the status that came, or null after a while */
function unfinished(): Promise<number | null> {
  const { port, hostname } = new URL(server.url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    open.push(socket)
    const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${16 * mib}`
    socket.write(`POST /v1/continue_inspection HTTP/1.1\r\n${head}\r\n\r\n`)
    socket.write(blanks)
    const timer = setTimeout(() => resolve(null), 12_000)
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => {
      clearTimeout(timer)
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1]))
    })
  })
}

it(
  'refuses unfinished bodies beyond the budget, and takes small ones',
  { timeout: 90_000 },
  async () => {
    const statuses = await Promise.all(Array.from({ length: 50 }, unfinished))
    const held = statuses.filter((status) => status === null)
    expect(held.length).toBeLessThanOrEqual(5)
    expect(statuses.filter((status) => status === 503)).toHaveLength(50 - held.length)
    const heartbeat = 'POST /v1/heartbeat/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
    const body = 'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
    expect(await rawExchange(server.url, `${heartbeat}${body}`)).toMatch(/^HTTP\/1\.1 40\d /)
    for (const socket of open.splice(0)) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await unfinished()).toBeNull()
  },
)

describe('the budget', () => {
  const stranger = (client: string) => ({ client, authenticated: false })
  const user = (client: string) => ({ client, authenticated: true })

  it('bounds each client, strangers together, and all together', () => {
    const budget = new BodyBudget()
    budget.lease(stranger('a')).take(80 * mib)
    expect(() => budget.lease(stranger('a')).take(1)).toThrow(BodiesInFlight)
    expect(() => budget.lease(stranger('b')).take(49 * mib)).toThrow(BodiesInFlight)
    budget.lease(stranger('b')).take(48 * mib)
    budget.lease(stranger('c')).take(1024)
    budget.lease(user('d')).take(80 * mib)
    expect(() => budget.lease(user('e')).take(80 * mib)).toThrow(BodiesInFlight)
  })

  it('gets the bytes of an answered request back', () => {
    const budget = new BodyBudget()
    for (let n = 0; n < 10; n++) {
      const lease = budget.lease(stranger('a'))
      lease.take(50 * mib)
      expect(() => lease.take(40 * mib)).toThrow(BodiesInFlight)
      lease.release()
    }
  })
})
