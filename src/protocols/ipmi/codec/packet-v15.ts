import { Reader, le32 } from './reader.js'
import { rmcpClass, rmcpHeader } from './rmcp.js'

/**
 * The packet of IPMI 1.5 (IPMI 2.0, table 13-8), which is also what a BMC is asked in before
 * there is a session:
 *
 *     RMCP  authentication type  sequence (4)  session (4)  [code (16)]  length  message
 */
export interface PacketV15 {
  readonly authType: number
  readonly sequence: number
  readonly sessionId: number
  readonly authCode: Buffer | null
  readonly message: Buffer
}

export const authTypeNone = 0x00

export function encodeV15(packet: PacketV15): Buffer {
  return Buffer.concat([
    rmcpHeader(rmcpClass.ipmi),
    Buffer.from([packet.authType]),
    le32(packet.sequence),
    le32(packet.sessionId),
    packet.authCode ?? Buffer.alloc(0),
    Buffer.from([packet.message.length]),
    packet.message,
  ])
}

/** A packet outside of a session. */
export const encodeSessionless = (message: Buffer): Buffer =>
  encodeV15({ authType: authTypeNone, sequence: 0, sessionId: 0, authCode: null, message })

/**
 * @param body what follows the RMCP header
 * @throws IpmiProtocolError
 */
export function decodeV15(body: Buffer): PacketV15 {
  const reader = new Reader(body, 'IPMI 1.5 packet')
  const authType = reader.u8() & 0x0f
  const sequence = reader.u32()
  const sessionId = reader.u32()
  const authCode = authType === authTypeNone ? null : Buffer.from(reader.bytes(16))
  const message = reader.bytes(reader.u8())
  // A legacy pad byte may follow; some chips could not send frames of certain lengths.
  return { authType, sequence, sessionId, authCode, message }
}
