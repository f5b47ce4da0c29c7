// The load: plain HTTP over kept connections, the same requests in the same order for every subject.
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { pooled } from '../_util/peers/rest.js'

/** Requests in flight at a time wherever there is more than one. */
export const WIDTH = 8

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'x-openstack-ironic-api-version': '1.82',
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH'

/** A client of one subject. */
export class Load implements AsyncDisposable {
  readonly #pool: Pool
  readonly #headers: Record<string, string>

  /** `more` headers go with every request: a token, say. */
  constructor(url: string, more: Record<string, string> = {}) {
    this.#headers = { ...HEADERS, ...more }
    this.#pool = new Pool(url, { connections: WIDTH, headersTimeout: 60_000, bodyTimeout: 60_000 })
  }

  /** One request, repeated for a while when the server says busy (409, 503), as its clients do. */
  async ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const { status, text } = await this.#once(method, path, body)
      if (status < 400) return text === '' ? (null as T) : JSON.parse(text)
      if ((status !== 409 && status !== 503) || attempt === 100)
        throw new Error(`${method} ${path}: ${status} ${text}`)
      await sleep(50)
    }
  }

  /** Milliseconds of one request until the last byte of its answer is there. */
  async timed(method: Method, path: string, body?: unknown): Promise<number> {
    const began = performance.now()
    const { status, text } = await this.#once(method, path, body)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`)
    return performance.now() - began
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close()
  }

  async #once(method: Method, path: string, body: unknown) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await this.#pool.request({
      method,
      path: `/v1${path}`,
      headers: this.#headers,
      ...sent,
    })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
}

/** Items per second when `work` runs over them WIDTH at a time. */
export async function rate<T>(items: readonly T[], work: (item: T) => Promise<unknown>) {
  const began = performance.now()
  await pooled(items, WIDTH, work)
  return (1000 * items.length) / (performance.now() - began)
}

/** `count` samples one after another, after a few that do not count. */
export async function samples(warmUp: number, count: number, one: () => Promise<number>) {
  for (let n = 0; n < warmUp; n += 1) await one()
  const times: number[] = []
  for (let n = 0; n < count; n += 1) times.push(await one())
  return times
}
