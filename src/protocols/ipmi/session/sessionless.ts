import type { Clock } from '../../../clock.js'
import { decodeResponse, encodeRequest, type IpmiRequest } from '../codec/message.js'
import { decodeV15, encodeSessionless } from '../codec/packet-v15.js'
import { authTypeRmcpPlus, decodeV20, noKeys } from '../codec/packet-v20.js'
import { decodeRmcp, rmcpClass } from '../codec/rmcp.js'
import { IpmiCompletionError } from '../errors.js'
import type { Transport } from './transport.js'
import { Wire, type Limits, type Timing } from './wire.js'

/** What comes before there is a session: a message (type 0) or a step of the handshake. */
export interface OpenPacket {
  readonly type: number
  readonly payload: Buffer
}

export type OpenWire = Wire<OpenPacket>

/** Decodes what comes outside of a session, in either version of the packet. */
export function decodeOpenPacket(bytes: Buffer): OpenPacket | undefined {
  const { class: of, body } = decodeRmcp(bytes)
  if (of !== rmcpClass.ipmi) return undefined
  if (body[0] !== authTypeRmcpPlus) return { type: 0, payload: decodeV15(body).message }
  const { type, sessionId, payload } = decodeV20(body, () => noKeys)
  return sessionId === 0 ? { type, payload } : undefined
}

/** A wire on which there is no session yet. */
export const openWire = (transport: Transport, clock: Clock, timing: Timing): OpenWire =>
  new Wire(transport, clock, timing, decodeOpenPacket)

const tries = 3

/**
 * A command that needs no session.
 * @returns the data of the answer
 * @throws IpmiTimeout, IpmiCompletionError
 */
export async function askSessionless(
  wire: OpenWire,
  request: IpmiRequest,
  limits: Limits,
): Promise<Buffer> {
  const packet = encodeSessionless(encodeRequest(request, 0))
  const response = await wire.ask({
    what: `netFn 0x${request.netFn.toString(16)} command 0x${request.command.toString(16)}`,
    packet: () => packet,
    accept: (received) => {
      if (received.type !== 0) return undefined
      const answer = decodeResponse(received.payload)
      return answer.netFn === request.netFn + 1 && answer.command === request.command
        ? answer
        : undefined
    },
    tries,
    limits,
  })
  if (response.code === 0) return response.data
  throw new IpmiCompletionError(request.netFn, request.command, response.code)
}
