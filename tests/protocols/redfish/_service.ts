// A small Redfish service in this process: sessions, tags, one system, and whatever a test puts in front.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RedfishClient, type ClientOptions } from '../../../src/protocols/redfish/client.js'
import { Talk } from '../../../src/protocols/redfish/talk.js'

export const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'))

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}
export interface Given {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly json?: unknown
}
export type Handler = (asked: Asked) => Given | undefined

export interface Service extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  /** Milliseconds the client waited between attempts. */
  readonly waits: number[]
  readonly talk: Talk
  readonly client: RedfishClient
}

const root = {
  '@odata.id': '/redfish/v1/',
  Systems: { '@odata.id': '/redfish/v1/Systems' },
  Links: { Sessions: { '@odata.id': '/redfish/v1/SessionService/Sessions' } },
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const text = Buffer.concat(await incoming.toArray()).toString()
  return text === '' ? null : JSON.parse(text)
}

/** Starts a service that answers as `handler` says, with a public root, and a client of it. */
export async function service(
  handler: Handler,
  options: Partial<ClientOptions> = {},
): Promise<Service> {
  const asked: Asked[] = []
  const waits: number[] = []
  const answer = async (incoming: IncomingMessage, out: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = incoming
    const one = { method, path, headers, body: await bodyOf(incoming) }
    asked.push(one)
    const isRoot = path === '/redfish/v1/'
    const given = handler(one) ?? (isRoot ? { json: root } : { status: 404 })
    out.writeHead(given.status ?? 200, { 'Content-Type': 'application/json', ...given.headers })
    out.end(given.json === undefined ? undefined : JSON.stringify(given.json))
  }
  const server = createServer((incoming, out) => {
    answer(incoming, out).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const url = `http://127.0.0.1:${address.port}`
  const client = new RedfishClient({
    origin: url,
    rootPath: '/redfish/v1/',
    credentials: { username: 'admin', password: 'top-secret', authType: 'auto' },
    verify: true,
    tlsMinimum: null,
    tlsCiphers: null,
    connectTimeoutMs: 2000,
    readTimeoutMs: 2000,
    connections: 1,
    maxAnswerBytes: 100_000,
    attempts: 3,
    retryIntervalMs: 4000,
    clock: {
      now: () => new Date(),
      sleep: (ms) => {
        waits.push(ms)
        return Promise.resolve()
      },
    },
    gate: (call, work) => work(call.signal),
    ...options,
  })
  const call = { signal: AbortSignal.timeout(20_000), priority: 'request' } as const
  return {
    url,
    asked,
    waits,
    client,
    talk: new Talk(client, call),
    async [Symbol.asyncDispose]() {
      await client.close(call).catch(() => undefined)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A handler with sessions: counts tokens up; those given to `expire` are no longer known. */
export function sessions(then: Handler): {
  handler: Handler
  expire: () => void
  open: Set<string>
} {
  const open = new Set<string>()
  let count = 0
  const handler: Handler = (asked) => {
    if (asked.path === '/redfish/v1/') return undefined
    if (asked.method === 'POST' && asked.path.endsWith('/Sessions')) {
      const token = `token-${++count}`
      open.add(token)
      const headers = {
        'X-Auth-Token': token,
        Location: `https://bmc.internal${asked.path}/${token}`,
      }
      return { status: 201, headers, json: {} }
    }
    const token = asked.headers['x-auth-token']
    if (typeof token !== 'string' || !open.has(token)) {
      return { status: 401, json: fixture('session_error.json') }
    }
    if (asked.method === 'DELETE' && asked.path.includes('/Sessions/')) {
      open.delete(asked.path.split('/').at(-1) ?? '')
      return { status: 204 }
    }
    return then(asked)
  }
  return { handler, open, expire: () => open.clear() }
}
