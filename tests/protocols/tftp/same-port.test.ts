import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { bufferContent } from '../../../src/protocols/tftp/content.js'
import {
  decodePacket,
  encodeAck,
  encodeData,
  encodeRequest,
} from '../../../src/protocols/tftp/packet.js'
import type { TftpPacket } from '../../../src/protocols/tftp/packet.js'
import { startTftpServer } from '../../../src/protocols/tftp/server.js'
import type { TftpEvent, TftpServer } from '../../../src/protocols/tftp/server.js'
import { until } from '../../_util/peers/until.js'
import peers from './fixtures/same-port.json' with { type: 'json' }

const files = new Map([
  ['a', Buffer.alloc(3000, 'a')],
  ['b', Buffer.alloc(3000, 'b')],
])
let server: TftpServer | undefined
let client: Client | undefined
let events: TftpEvent[] = []

afterEach(async () => {
  client?.close()
  await server?.close()
})

/** One port of a client, with the packets that came to it. */
class Client {
  readonly packets: { readonly packet: TftpPacket; readonly port: number }[] = []
  readonly #socket: Socket = createSocket('udp4')
  readonly #server: number

  constructor(serverPort: number) {
    this.#server = serverPort
    this.#socket.on('message', (bytes, { port }: RemoteInfo) =>
      this.packets.push({ packet: decodePacket(bytes), port }),
    )
  }

  request(file: string, options: Record<string, string> = {}): void {
    const packet = { kind: 'rrq' as const, file, mode: 'octet' }
    const bytes = encodeRequest({ ...packet, options: new Map(Object.entries(options)) })
    this.#socket.send(bytes, this.#server, '127.0.0.1')
  }

  acknowledge(block: number, port: number): void {
    this.#socket.send(encodeAck(block), port, '127.0.0.1')
  }

  /** Waits for the packet with this index. */
  async packet(index: number) {
    const what = `packet ${index} of the server`
    const packet = () => Promise.resolve(this.packets[index])
    return await until(packet, { what, timeoutMs: 3_000, everyMs: 5 })
  }

  close(): void {
    this.#socket.close()
  }
}

async function begin(open?: (file: string) => Promise<void>): Promise<Client> {
  events = []
  server = await startTftpServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    open: async (file) => {
      await open?.(file)
      return bufferContent(files.get(file)!)
    },
    report: (event) => events.push(event),
  })
  client = new Client(server.port)
  return client
}

const block = (number: number, letter: string): TftpPacket =>
  decodePacket(Buffer.concat(encodeData(number, Buffer.alloc(512, letter))))

describe('a second request from the port of a transfer', () => {
  it('for another file starts that file from a new port, as dnsmasq and tftpd-hpa do', async () => {
    const rom = await begin()
    rom.request('a')
    const first = await rom.packet(0)
    rom.acknowledge(1, first.port)
    await rom.packet(1)
    rom.request('b')
    const second = await rom.packet(2)
    expect(second.packet).toEqual(block(1, 'b'))
    expect(second.port).not.toBe(first.port)
    for (const answer of Object.values(peers.answers))
      expect(answer['another file']).toEqual({ block: 1, file: 'b', port: 'new' })
    rom.acknowledge(1, second.port)
    expect(await rom.packet(3)).toEqual({ packet: block(2, 'b'), port: second.port })
    expect(events).toMatchObject([{ file: 'a', outcome: 'failed', bytes: 512 }])
  })

  it('ends the transfer before it without an ERROR, which the ROM would take for its answer', async () => {
    const rom = await begin()
    rom.request('a')
    await rom.packet(0)
    rom.request('b')
    await rom.packet(1)
    await sleep(300)
    expect(rom.packets.map(({ packet }) => packet.kind)).not.toContain('error')
    expect(server?.transfers()).toBe(1)
  })

  it.each([[{}], [{ blksize: '1024' }]])(
    'with the same options %o repeats the answer',
    async (o) => {
      const rom = await begin()
      rom.request('a', o)
      const first = await rom.packet(0)
      rom.request('a', o)
      expect(await rom.packet(1)).toEqual(first)
      expect(server?.transfers()).toBe(1)
    },
  )

  it('with other options is another request', async () => {
    const rom = await begin()
    rom.request('a', { blksize: '1024' })
    const first = await rom.packet(0)
    rom.request('a', { blksize: '600' })
    const second = await rom.packet(1)
    expect(second.packet).toEqual({ kind: 'oack', options: new Map([['blksize', '600']]) })
    expect(second.port).not.toBe(first.port)
  })

  it('for the same file does not disturb a client that acknowledges', async () => {
    const rom = await begin()
    rom.request('a')
    const { port } = await rom.packet(0)
    rom.acknowledge(1, port)
    await rom.packet(1)
    rom.request('a')
    rom.acknowledge(2, port)
    expect(await rom.packet(2)).toEqual({ packet: block(3, 'a'), port })
  })

  it('for the same file starts over when its client fell silent, as after a reset', async () => {
    const rom = await begin()
    rom.request('a')
    const { port } = await rom.packet(0)
    rom.acknowledge(1, port)
    await rom.packet(1)
    await sleep(1100)
    const before = rom.packets.length
    rom.request('a')
    await rom.packet(before)
    const answers = rom.packets.slice(before).filter((one) => one.port !== port)
    expect(answers.map(({ packet }) => packet)).toContainEqual(block(1, 'a'))
    for (const answer of Object.values(peers.answers))
      expect(answer['the same file after block 2']).toEqual({ block: 1, file: 'a', port: 'new' })
  })

  it('while the first file is being opened gets the second one only', async () => {
    let opened: (() => void) | undefined
    const waits = new Promise<void>((resolve) => (opened = resolve))
    const rom = await begin((file) => (file === 'a' ? waits : Promise.resolve()))
    rom.request('a')
    await expect.poll(() => server?.transfers()).toBe(1)
    rom.request('b')
    expect((await rom.packet(0)).packet).toEqual(block(1, 'b'))
    opened?.()
    await sleep(100)
    expect(rom.packets.map(({ packet }) => packet)).toEqual([block(1, 'b')])
    expect(events).toMatchObject([{ file: 'a', outcome: 'refused', bytes: 0 }])
  })
})

it('reads a name that ends in 0xff, which some ROMs take from option 67 with its end mark', async () => {
  const rom = await begin()
  rom.request('a\xff')
  expect((await rom.packet(0)).packet).toEqual(block(1, 'a'))
})
