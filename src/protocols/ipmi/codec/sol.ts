import { Reader } from './reader.js'

/**
 * A packet of Serial over LAN (IPMI 2.0, 15.9):
 *
 *     sequence (0: acknowledges only)  acknowledged sequence  characters accepted  bits  data
 */
export interface SolPacket {
  readonly sequence: number
  readonly acknowledged: number
  readonly accepted: number
  /** To the BMC: what to do. From the BMC: how it is. */
  readonly bits: number
  readonly data: Buffer
}

/** Bits of what a BMC sends. */
export const solStatus = { refused: 0x40, unavailable: 0x20, ending: 0x10 } as const
/** Bits of what is sent to a BMC. */
export const solOperation = { break: 0x10 } as const

export const encodeSol = (packet: SolPacket): Buffer =>
  Buffer.concat([
    Buffer.from([packet.sequence, packet.acknowledged, packet.accepted, packet.bits]),
    packet.data,
  ])

/** @throws IpmiProtocolError */
export function decodeSol(payload: Buffer): SolPacket {
  const reader = new Reader(payload, 'SOL packet')
  const sequence = reader.u8() & 0x0f
  const acknowledged = reader.u8() & 0x0f
  const accepted = reader.u8()
  return { sequence, acknowledged, accepted, bits: reader.u8(), data: Buffer.from(reader.rest()) }
}
