import { IpmiProtocolError } from '../errors.js'
import { decrypt, encrypt, sameBytes, sign, signatureLength } from './crypto.js'
import { Reader, le16, le32 } from './reader.js'
import { rmcpClass, rmcpHeader } from './rmcp.js'
import { confidentialityAlgorithm, integrityAlgorithm } from './suites.js'

/**
 * The packet of IPMI 2.0, RMCP+ (IPMI 2.0, table 13-8):
 *
 *     RMCP  06  payload type (80 encrypted, 40 signed)  session (4)  sequence (4)  length (2)
 *     payload  [padding ff…  padding length  07  signature]
 */
export const authTypeRmcpPlus = 0x06
export const payloadType = {
  ipmi: 0x00,
  sol: 0x01,
  openRequest: 0x10,
  openResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const

/** What a session signs and encrypts with; algorithms 0 do neither. */
export interface PacketKeys {
  readonly integrity: number
  readonly confidentiality: number
  readonly k1: Buffer
  readonly k2: Buffer
}

export const noKeys: PacketKeys = {
  integrity: 0,
  confidentiality: 0,
  k1: Buffer.alloc(0),
  k2: Buffer.alloc(0),
}

export interface PacketV20 {
  readonly type: number
  readonly sessionId: number
  readonly sequence: number
  readonly payload: Buffer
}

const encryptedBit = 0x80
const signedBit = 0x40
const oemPayload = 0x02
const nextHeader = 0x07

/** @param iv only for tests: the vector of the encryption */
export function encodeV20(packet: PacketV20, keys: PacketKeys = noKeys, iv?: Buffer): Buffer {
  const encrypts = keys.confidentiality === confidentialityAlgorithm.aesCbc128
  const signs = keys.integrity !== integrityAlgorithm.none
  const payload = encrypts ? encrypt(keys.k2, packet.payload, iv) : packet.payload
  const flags = (encrypts ? encryptedBit : 0) | (signs ? signedBit : 0)
  const body = Buffer.concat([
    Buffer.from([authTypeRmcpPlus, packet.type | flags]),
    le32(packet.sessionId),
    le32(packet.sequence),
    le16(payload.length),
    payload,
  ])
  const trailer = signs ? signature(body, keys) : Buffer.alloc(0)
  return Buffer.concat([rmcpHeader(rmcpClass.ipmi), body, trailer])
}

function signature(body: Buffer, keys: PacketKeys): Buffer {
  const padding = (4 - ((body.length + 2) % 4)) % 4
  const tail = Buffer.concat([Buffer.alloc(padding, 0xff), Buffer.from([padding, nextHeader])])
  return Buffer.concat([tail, sign(keys.integrity, keys.k1, Buffer.concat([body, tail]))])
}

/**
 * @param body what follows the RMCP header
 * @param keysOf the keys of a session; they also say that its packets must be signed
 * @throws IpmiProtocolError also when a signature is missing or wrong
 */
export function decodeV20(body: Buffer, keysOf: (sessionId: number) => PacketKeys): PacketV20 {
  const reader = new Reader(body, 'RMCP+ packet')
  reader.expect(authTypeRmcpPlus)
  const flagged = reader.u8()
  const type = flagged & 0x3f
  if (type === oemPayload) reader.skip(6)
  const sessionId = reader.u32()
  const sequence = reader.u32()
  const raw = reader.bytes(reader.u16())
  const keys = keysOf(sessionId)
  checkSignature(body, reader, (flagged & signedBit) !== 0, keys)
  const payload = open(raw, (flagged & encryptedBit) !== 0, keys)
  return { type, sessionId, sequence, payload }
}

function checkSignature(body: Buffer, reader: Reader, signed: boolean, keys: PacketKeys): void {
  if (keys.integrity === integrityAlgorithm.none) return
  if (!signed) throw reader.error('is not signed')
  const length = signatureLength(keys.integrity)
  const end = body.length - length
  if (end < reader.offset + 2) throw reader.error('is too short for its signature')
  const given = body.subarray(end)
  if (!sameBytes(sign(keys.integrity, keys.k1, body.subarray(0, end)), given)) {
    throw reader.error('has a wrong signature', end)
  }
}

function open(raw: Buffer, encrypted: boolean, keys: PacketKeys): Buffer {
  const wanted = keys.confidentiality === confidentialityAlgorithm.aesCbc128
  if (!encrypted) {
    if (wanted) throw new IpmiProtocolError('RMCP+ packet is not encrypted', 1)
    return raw
  }
  if (!wanted) throw new IpmiProtocolError('RMCP+ packet is encrypted without a key', 1)
  return decrypt(keys.k2, raw)
}
