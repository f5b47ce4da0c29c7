import { Reader } from './reader.js'

/**
 * RMCP (ASF 2.0, 3.2): what IPMI over LAN travels in.
 *
 *     06 (version) 00 (reserved) ff (no acknowledge) class
 */
export const rmcpClass = { asf: 0x06, ipmi: 0x07 } as const

/** The header of a packet of a class. */
export const rmcpHeader = (of: number): Buffer => Buffer.from([0x06, 0x00, 0xff, of])

/** @throws IpmiProtocolError */
export function decodeRmcp(packet: Buffer): { class: number; body: Buffer } {
  const reader = new Reader(packet, 'RMCP packet')
  reader.expect(0x06)
  reader.skip(2)
  const of = reader.u8()
  // The top bit marks an acknowledge, which carries nothing; IPMI is never acknowledged.
  return { class: of, body: reader.rest() }
}

const asfIana = Buffer.from([0x00, 0x00, 0x11, 0xbe])
const pingType = 0x80
const pongType = 0x40

/** Presence Ping (ASF 2.0, 3.2.4.2): is there something that speaks IPMI? */
export const encodePing = (tag: number): Buffer =>
  Buffer.concat([rmcpHeader(rmcpClass.asf), asfIana, Buffer.from([pingType, tag, 0, 0])])

export interface Pong {
  readonly tag: number
  readonly ipmi: boolean
}

/** @throws IpmiProtocolError when it is no Presence Pong */
export function decodePong(packet: Buffer): Pong {
  const { class: of, body } = decodeRmcp(packet)
  const reader = new Reader(body, 'ASF pong')
  if (of !== rmcpClass.asf) throw reader.error('is not of class ASF')
  if (!reader.bytes(4).equals(asfIana)) throw reader.error('has another enterprise number')
  reader.expect(pongType)
  const tag = reader.u8()
  reader.skip(1)
  const data = new Reader(reader.bytes(reader.u8()), 'ASF pong data')
  return { tag, ipmi: (data.skip(8).u8() & 0x80) !== 0 }
}
