import { connect } from 'node:net'
import type { RawRequest } from './requests.js'

/** The status of the first answer; `closed` without one, `refused` when nothing listens. */
export type Outcome = number | 'closed' | 'refused' | 'silent'

const silentMs = 20_000
const statusLine = /^HTTP\/1\.1 (\d{3}) /

/** Sends one request over a connection of its own and waits until the server has closed it. */
export function sendRaw(port: number, { bytes, then }: RawRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let head = ''
    let outcome: Outcome = 'closed'
    socket.setTimeout(silentMs, () => {
      outcome = 'silent'
      socket.resetAndDestroy()
    })
    socket.once('connect', () => {
      if (then === 'half') socket.end(bytes)
      else socket.write(bytes, () => socket.resetAndDestroy())
    })
    socket.on('data', (chunk) => {
      if (head.length < 16) head += chunk.toString('latin1')
    })
    socket.once('end', () => socket.destroy())
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') outcome = 'refused'
    })
    socket.once('close', () => {
      const status = statusLine.exec(head)?.[1]
      resolve(status === undefined ? outcome : Number(status))
    })
  })
}
