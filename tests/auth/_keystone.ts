/** A Keystone that knows one token. What a real one does is held in tests/compat/keystone.test.ts. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const goodToken = 'gAAAAABmZ3Jvb3ZlLXRva2VuLW9mLWFuLWFkbWluLXVzZXI'
export const servicePassword = 'the-password-of-this-service'

const document = {
  token: {
    expires_at: '2999-01-01T00:00:00.000000Z',
    user: { id: 'u', name: 'u', domain: { id: 'default', name: 'Default' } },
    system: { all: true },
    roles: [{ name: 'admin' }, { name: 'member' }, { name: 'reader' }],
  },
}

export interface StandIn extends AsyncDisposable {
  readonly url: string
}

export async function standInKeystone(): Promise<StandIn> {
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(201, { 'X-Subject-Token': 'own' }).end('{}')
    } else if (request.headers['x-subject-token'] === goodToken) {
      response.writeHead(200).end(JSON.stringify(document))
    } else response.writeHead(404).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
