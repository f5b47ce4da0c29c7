import { request } from 'node:http'
import type { Wire } from './requests.js'

/** The status, or `closed` when the server hung up on a body it would not read. */
export type Outcome = number | 'closed'

/** Sends the request as it is; fetch would tidy the path and refuse the headers. */
export function send(url: string, wire: Wire): Promise<Outcome> {
  const { hostname, port } = new URL(url)
  const length = wire.body ? { 'Content-Length': String(wire.body.length) } : {}
  const headers = { ...wire.headers, ...length, Connection: 'close' }
  return new Promise((resolve, reject) => {
    let status: number | undefined
    const sent = request({ hostname, port, method: wire.method, path: wire.path, headers })
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer within 30 s')))
    sent.on('response', (answer) => {
      status = answer.statusCode ?? 0
      answer.resume().once('close', () => resolve(status ?? 'closed'))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (status !== undefined) resolve(status)
      else if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve('closed')
      else reject(error)
    })
    sent.end(wire.body)
  })
}
