// A Redfish service of captured documents: reads are answered from them; what else it does, a test says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type Documents = Map<string, unknown>
export interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
}
export interface Given {
  readonly status?: number
  readonly headers?: Record<string, string>
  json?: unknown
}
/** What a request does beyond reading; undefined: as the documents say. */
export type Behaviour = (asked: Asked, documents: Documents) => Given | undefined

export interface MockupService extends AsyncDisposable {
  readonly url: string
  readonly documents: Documents
  /** All requests, in order. */
  readonly asked: Asked[]
  /** Paths that were read and are not there. */
  readonly missed: Set<string>
  behave(behaviour: Behaviour): void
  /** Shows each request with its headers. */
  onHeaders(look: (request: IncomingMessage) => void): void
}

/** A service of `fixtures/services`. */
export function captured(name: string): Documents {
  const file = join(
    import.meta.dirname,
    '../../protocols/redfish/fixtures/services',
    `${name}.json`,
  )
  const documents = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  return new Map(Object.entries(documents))
}

/** Paths as mock-ups file them: no slash at the end, no query. */
export const plain = (path: string): string => {
  const { pathname } = new URL(path, 'http://service.invalid')
  return decodeURIComponent(pathname).replace(/\/+$/, '')
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const text = Buffer.concat(await incoming.toArray()).toString()
  return text === '' ? null : JSON.parse(text)
}

/** iLOs link to `/redfish/v1/systems/1/bios` and mean `/redfish/v1/Systems/1/Bios`. */
const sameButCase = (documents: Documents, path: string): string =>
  [...documents.keys()].find((key) => key.toLowerCase() === path.toLowerCase()) ?? path

/** A collection whose members are there, as DSP0266 has it for `$expand=.($levels=1)`. */
function expanded(documents: Documents, json: unknown): unknown {
  const collection = json as { Members?: { '@odata.id': string }[] } | undefined
  if (collection?.Members === undefined) return json
  const whole = collection.Members.map((link) => documents.get(plain(link['@odata.id'])) ?? link)
  return { ...collection, Members: whole }
}

/** Serves documents by path, on a loopback port. */
export async function mockupService(documents: Documents): Promise<MockupService> {
  const asked: Asked[] = []
  const missed = new Set<string>()
  let behaviour: Behaviour = () => undefined
  let look: (request: IncomingMessage) => void = () => {}
  const answer = async (incoming: IncomingMessage, out: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = incoming
    look(incoming)
    const one = { method, path: plain(url), body: await bodyOf(incoming) }
    asked.push(one)
    const given = behaviour(one, documents) ?? standard(one)
    if (url.includes('$expand')) given.json = expanded(documents, given.json)
    out.writeHead(given.status ?? 200, { 'Content-Type': 'application/json', ...given.headers })
    out.end(given.json === undefined ? undefined : JSON.stringify(given.json))
  }
  const standard = ({ method, path }: Asked): Given => {
    if (method !== 'GET') return { status: 405 }
    const there = documents.get(path) ?? documents.get(sameButCase(documents, path))
    if (there !== undefined) return { json: there }
    missed.add(path)
    return { status: 404 }
  }
  const server = createServer((incoming, out) => {
    answer(incoming, out).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    documents,
    asked,
    missed,
    behave(next) {
      behaviour = next
    },
    onHeaders(next) {
      look = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
