import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Sends bytes as they are over a connection of their own and returns all that the server answers. */
export function rawExchange(url: string, bytes: string | Buffer): Promise<string> {
  const { protocol, hostname, port } = new URL(url)
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
  return new Promise((resolve, reject) => {
    const socket: Socket =
      protocol === 'https:' ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where)
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer in time: ${answer}`)))
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
    socket.write(bytes)
  })
}
