// An Identity service that knows one user, any password and a catalogue of one endpoint: for clients that
// can reach a server without authentication only by way of a catalogue.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A running catalogue. */
export type Catalogue = AsyncDisposable & { url: string }

const DAY_MS = 24 * 3600_000
const named = (id: string) => ({ id, name: id, domain: { id: 'default', name: 'Default' } })

function token(baremetal: string) {
  const ends = ['public', 'internal', 'admin'].map((side) => ({
    id: side,
    interface: side,
    region: 'one',
    region_id: 'one',
    url: baremetal,
  }))
  return {
    methods: ['password'],
    user: named('someone'),
    project: named('somewhere'),
    roles: [named('admin')],
    audit_ids: ['one'],
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + DAY_MS).toISOString(),
    catalog: [{ id: 'baremetal', name: 'ironic', type: 'baremetal', endpoints: ends }],
  }
}

const version = (url: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${url}/v3/` }],
  'media-types': [],
})

function answer(url: string, baremetal: string, path: string): [number, object] {
  if (path.startsWith('/v3/auth/tokens')) return [201, { token: token(baremetal) }]
  if (path === '/v3' || path === '/v3/') return [200, { version: version(url) }]
  return path === '/' ? [300, { versions: { values: [version(url)] } }] : [404, {}]
}

/** Serves a catalogue with the bare metal endpoint `baremetal` on a free loopback port. */
export async function serveCatalogue(baremetal: string): Promise<Catalogue> {
  let url = ''
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const [status, body] = answer(url, baremetal, request.url ?? '/')
    const type = { 'Content-Type': 'application/json', 'X-Subject-Token': 'a-token' }
    request.resume().once('end', () => response.writeHead(status, type).end(JSON.stringify(body)))
  }
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  url = `http://127.0.0.1:${address.port}`
  const end = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url, [Symbol.asyncDispose]: end }
}
