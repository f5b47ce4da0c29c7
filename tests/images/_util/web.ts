import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}
export interface Web {
  readonly url: string
  readonly asked: Asked[]
}

/** A web server of the test's own; what it was asked is kept. */
export async function web(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Web> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    asked.push({ method, path: url, headers })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

/** Answers with one content, ranges and conditions included. */
export const serving =
  (content: () => Buffer, extra: Record<string, string> = {}) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const body = content()
    const etag = `"${createHash('sha1').update(body).digest('hex')}"`
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers['range'] ?? '')
    const start = Number(range?.[1] ?? 0)
    const end = range?.[2] ? Number(range[2]) : body.length - 1
    const part = body.subarray(start, end + 1)
    const headers = { 'content-length': part.length, etag, ...extra }
    const ranged = range && { 'content-range': `bytes ${start}-${end}/${body.length}` }
    response.writeHead(range ? 206 : 200, { ...headers, ...ranged })
    response.end(request.method === 'HEAD' ? undefined : part)
  }
