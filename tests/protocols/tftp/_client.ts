import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { decodePacket, encodeAck, encodeRequest } from '../../../src/protocols/tftp/packet.js'
import type { TftpPacket } from '../../../src/protocols/tftp/packet.js'

export interface Fetched {
  readonly bytes: Buffer
  readonly oack: ReadonlyMap<string, string>
  /** DATA packets that arrived, with repeated ones. */
  readonly packets: number
}

export interface FetchOptions {
  readonly mode?: string
  readonly options?: Readonly<Record<string, string>>
  /** Whether a packet is lost, by its index in the order of arrival. */
  readonly loses?: (index: number) => boolean
  /** How often each ACK is sent. */
  readonly repeats?: number
}

/** Reads a file as a client of RFC 7440, which acknowledges windows and blocks in order. */
export async function fetchFile(
  port: number,
  file: string,
  { mode = 'octet', options = {}, loses = () => false, repeats = 1 }: FetchOptions = {},
): Promise<Fetched> {
  const socket = createSocket('udp4')
  const request = { kind: 'rrq' as const, file, mode, options: new Map(Object.entries(options)) }
  socket.send(encodeRequest(request), port, '127.0.0.1')
  try {
    return await receiveAll(socket, loses, repeats)
  } finally {
    socket.close()
  }
}

function receiveAll(
  socket: Socket,
  loses: (index: number) => boolean,
  repeats: number,
): Promise<Fetched> {
  const blocks: Buffer[] = []
  let [oack, came, packets, inWindow] = [new Map<string, string>(), 0, 0, 0]
  return new Promise((resolve, reject) => {
    socket.on('message', (bytes, from) => {
      if (loses(came++)) return
      const packet: TftpPacket = decodePacket(bytes)
      const acknowledge = () => {
        inWindow = 0
        for (let i = 0; i < repeats; i++) {
          socket.send(encodeAck(blocks.length), from.port, from.address)
        }
      }
      if (packet.kind === 'error') reject(new Error(`${packet.code} ${packet.message}`))
      if (packet.kind === 'oack') {
        oack = new Map(packet.options)
        acknowledge()
      }
      if (packet.kind !== 'data') return
      packets += 1
      const ended = packet.data.length < Number(oack.get('blksize') ?? 512)
      if (packet.block !== ((blocks.length + 1) & 0xffff)) return acknowledge()
      blocks.push(packet.data)
      if (++inWindow >= Number(oack.get('windowsize') ?? 1) || ended) acknowledge()
      if (ended) resolve({ bytes: Buffer.concat(blocks), oack, packets })
    })
  })
}
