import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDisk } from '../../../src/protocols/iscsi/disk.js'
import { encodePdu, encodeText, takePdu } from '../../../src/protocols/iscsi/pdu.js'

/** A target that does what it is told to each request: the answers, or silence. */
async function target(answer: (header: Buffer, socket: Socket) => Buffer[] | null) {
  const server = createServer((socket) => {
    let received: Buffer = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      for (let next = takePdu(received); next !== null; next = takePdu(received)) {
        received = next.rest
        for (const part of answer(Buffer.from(next.pdu.header), socket) ?? []) socket.write(part)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const options = {
    host: '127.0.0.1',
    port: address.port,
    target: 'iqn.x',
    initiator: 'iqn.y',
    lun: 1,
    silenceMs: 300,
    signal: AbortSignal.timeout(10_000),
  }
  return openDisk(options)
}

const reply = (
  code: number,
  request: Buffer,
  change: (header: Buffer) => void = () => undefined,
  data?: Buffer,
) => {
  const header = Buffer.alloc(48)
  header[0] = code
  header[1] = 0x80
  request.copy(header, 16, 16, 20)
  request.copy(header, 28, 24, 28)
  header.writeUInt32BE(request.readUInt32BE(24) + 32, 32)
  change(header)
  return encodePdu(header, data)
}
const login = (request: Buffer, status = 0, text = {}) =>
  reply(
    0x23,
    request,
    (header) => {
      header[1] = request[1] ?? 0
      header.writeUInt16BE(status, 36)
    },
    encodeText(text),
  )
const isLogin = (header: Buffer) => header[0] === 0x43

describe('a target', () => {
  it.each([
    ['that says nothing', () => null, 'was silent for 0.3 s'],
    [
      'that wants authentication',
      (h: Buffer) => login(h, 0x0201),
      'refuses the login: it wants authentication',
    ],
    [
      'that talks for ever',
      (h: Buffer) => login(h).map((part, n) => (n === 0 ? (part.writeUInt8(0, 1), part) : part)),
      'does not come to an end of the login',
    ],
    [
      'with digests',
      (h: Buffer) => login(h, 0, { HeaderDigest: 'CRC32C' }),
      'insists on HeaderDigest',
    ],
    [
      'of another protocol',
      () => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(64))],
      'The target sent',
    ],
    [
      'with a segment too large',
      (h: Buffer) =>
        login(h).map((part, n) => (n === 0 ? (part.writeUIntBE(0xffffff, 5, 3), part) : part)),
      'sent a segment of 16777215 bytes',
    ],
    [
      'silent after the login',
      (h: Buffer) => (isLogin(h) ? login(h) : null),
      'was silent for 0.3 s',
    ],
    ['that rejects', (h: Buffer) => (isLogin(h) ? login(h) : reply(0x3f, h)), 'rejected a request'],
    [
      'that answers another',
      (h: Buffer) => (isLogin(h) ? login(h) : reply(0x21, h, (r) => r.writeUInt32BE(99, 16))),
      'answered what was not asked',
    ],
    [
      'that ends the session',
      (h: Buffer) => (isLogin(h) ? login(h) : reply(0x32, h)),
      'ends the session',
    ],
    [
      'that wants data of a command without',
      (h: Buffer) => (isLogin(h) ? login(h) : reply(0x31, h, (r) => r.writeUInt32BE(512, 44))),
      'asked for more than there is',
    ],
    [
      'that sends data nobody reads',
      (h: Buffer) => (isLogin(h) ? login(h) : reply(0x25, h, undefined, Buffer.alloc(8))),
      'sent more than was asked for',
    ],
  ])('%s', async (_case, answer, reason) => {
    await expect(target(answer)).rejects.toThrow(reason)
  })

  it('that goes in the middle', async () => {
    const opening = target((header, socket) => {
      if (isLogin(header)) return login(header)
      socket.destroy()
      return null
    })
    await expect(opening).rejects.toThrow(/closed the connection|is gone/)
  })
})
