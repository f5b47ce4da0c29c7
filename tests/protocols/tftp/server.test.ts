import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { bufferContent, fileContent, TftpRefusal } from '../../../src/protocols/tftp/content.js'
import { decodePacket, encodeRequest } from '../../../src/protocols/tftp/packet.js'
import { startTftpServer } from '../../../src/protocols/tftp/server.js'
import type {
  TftpEvent,
  TftpServer,
  TftpServerOptions,
} from '../../../src/protocols/tftp/server.js'
import { random } from '../_random.js'
import { fetchFile } from './_client.js'

const files = new Map<string, Buffer>([
  ['empty', Buffer.alloc(0)],
  ['small', Buffer.from('boot')],
  ['exact', randomBytes(1024)],
  ['large', randomBytes(3_000_001)],
  ['lines', Buffer.from('a\nb\rc\r\n')],
])
let server: TftpServer | undefined
let events: TftpEvent[] = []

async function serve(options: Partial<TftpServerOptions> = {}): Promise<number> {
  events = []
  server = await startTftpServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    open: (name) => {
      const bytes = files.get(name)
      if (bytes === undefined) return Promise.reject(new TftpRefusal('not here'))
      return Promise.resolve(bufferContent(bytes))
    },
    report: (event) => events.push(event),
    ...options,
  })
  return server.port
}

afterEach(async () => {
  await server?.close()
})

const large = (): Buffer => files.get('large') ?? Buffer.alloc(0)

describe('a transfer', () => {
  it.each(['empty', 'small', 'exact', 'large'])('of %s without options', async (name) => {
    const port = await serve()
    const { bytes, oack } = await fetchFile(port, name)
    expect(bytes.equals(files.get(name) ?? Buffer.alloc(1))).toBe(true)
    expect(oack.size).toBe(0)
  })

  it.each([
    [
      { blksize: '1428', tsize: '0' },
      { blksize: '1428', tsize: '3000001' },
    ],
    [
      { blksize: '65464', timeout: '3' },
      { blksize: '65464', timeout: '3' },
    ],
    [{ blksize: '100000' }, { blksize: '65464' }],
    [
      { blksize: '1468', windowsize: '16' },
      { blksize: '1468', windowsize: '16' },
    ],
    [{ windowsize: '65535' }, { windowsize: '64' }],
    [{ blksize: '7', windowsize: '0', timeout: '256', tsize: '0' }, { tsize: '3000001' }],
    [{ multicast: '' }, {}],
  ])('with %o', async (options, answer) => {
    const port = await serve()
    const { bytes, oack } = await fetchFile(port, 'large', { options })
    expect(Object.fromEntries(oack)).toEqual(answer)
    expect(bytes.equals(large())).toBe(true)
  })

  it('of more than 65535 blocks wraps their numbers', async () => {
    files.set('wraps', Buffer.alloc(8 * 66_000 + 3, 'wrap'))
    const port = await serve()
    const { bytes } = await fetchFile(port, 'wraps', {
      options: { blksize: '8', windowsize: '64' },
    })
    expect(bytes.equals(files.get('wraps') ?? Buffer.alloc(0))).toBe(true)
  })

  it('in netascii has the line ends of the network and no size', async () => {
    const port = await serve()
    const { bytes, oack } = await fetchFile(port, 'lines', {
      mode: 'netascii',
      options: { tsize: '0', blksize: '8' },
    })
    expect(bytes.toString()).toBe('a\r\nb\r\0c\r\0\r\n')
    expect(Object.fromEntries(oack)).toEqual({ blksize: '8' })
  })

  it.each([
    [{ blksize: '65464' }],
    [{ blksize: '65464', windowsize: '4' }],
    [{ blksize: '8192', windowsize: '16' }],
  ])('survives loss with %o', async (options) => {
    const port = await serve()
    const next = random(3)
    const { bytes } = await fetchFile(port, 'large', { options, loses: () => next() < 0.05 })
    expect(bytes.equals(large())).toBe(true)
  })

  it('does not repeat a block for a repeated ACK', async () => {
    const port = await serve()
    const { packets } = await fetchFile(port, 'large', { options: { blksize: '1000' }, repeats: 2 })
    expect(packets).toBe(3001)
  })

  it('repeats a window once at most for repeated ACKs', async () => {
    const port = await serve()
    const options = { blksize: '1000', windowsize: '4' }
    const { packets } = await fetchFile(port, 'large', { options, repeats: 3 })
    expect(packets).toBeLessThan(3 * 3001)
  })

  it('of files on disk works many times at once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ferric-tftp-'))
    try {
      const path = join(dir, 'image')
      await writeFile(path, large())
      const port = await serve({
        open: async () => {
          const file = await open(path)
          return fileContent(file, (await file.stat()).size)
        },
      })
      const expected = createHash('sha256').update(large()).digest('hex')
      const options = { blksize: '8192', windowsize: '8' }
      const all = await Promise.all(
        Array.from({ length: 50 }, () => fetchFile(port, 'image', { options })),
      )
      const sums = all.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'))
      expect(new Set(sums)).toEqual(new Set([expected]))
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})

describe('an ERROR', () => {
  it.each([
    ['an absent file', 'absent', 'octet', '1 not here'],
    ['mail', 'small', 'mail', '4 mode mail is not served'],
  ])('of %s', async (_what, file, mode, text) => {
    const port = await serve()
    await expect(fetchFile(port, file, { mode })).rejects.toThrow(text)
  })

  it.each([
    ['a write', encodeRequest({ kind: 'wrq', file: 'x', mode: 'octet', options: new Map() }), 2],
    ['an ACK of nothing', Buffer.from([0, 4, 0, 1]), 5],
    ['noise', Buffer.from([9, 9, 9, 9]), 4],
  ])('of %s', async (_what, bytes, code) => {
    const port = await serve()
    expect(await exchange(port, bytes)).toMatchObject({ kind: 'error', code })
  })

  it('answers a transfer beyond the limit', async () => {
    const port = await serve({ maxTransfers: 1, open: () => new Promise(() => undefined) })
    const request = { kind: 'rrq' as const, file: 'x', mode: 'octet', options: new Map() }
    const first = createSocket('udp4')
    first.send(encodeRequest(request), port, '127.0.0.1')
    await expect.poll(() => server?.transfers()).toBe(1)
    expect(await exchange(port, encodeRequest(request))).toMatchObject({ kind: 'error', code: 0 })
    first.close()
  })
})

it('reports how requests ended', async () => {
  const port = await serve()
  await fetchFile(port, 'small')
  await fetchFile(port, 'absent').catch(() => undefined)
  await expect.poll(() => events.length).toBe(2)
  expect(events).toMatchObject([
    { file: 'small', outcome: 'done', bytes: 4, peer: { address: '127.0.0.1' } },
    { file: 'absent', outcome: 'refused', bytes: 0, reason: 'not here' },
  ])
})

async function exchange(port: number, bytes: Buffer) {
  const socket = createSocket('udp4')
  try {
    socket.send(bytes, port, '127.0.0.1')
    const [answer] = (await once(socket, 'message')) as [Buffer]
    return decodePacket(answer)
  } finally {
    socket.close()
  }
}
