import {
  bmcAddress,
  consoleAddress,
  decodeResponse,
  encodeRequest,
  type Checksums,
  type IpmiRequest,
  type IpmiResponse,
} from '../codec/message.js'

/** A controller behind the BMC, reached by Send Message (IPMI 2.0, 22.7), over one hop or two. */
export interface Bridge {
  readonly target: { readonly channel: number; readonly address: number }
  /** The controller that passes it on, where there is one between the BMC and the target. */
  readonly transit: { readonly channel: number; readonly address: number } | null
  /** Whom the target is to think it is asked by, over two hops. */
  readonly localAddress: number
}

const app = 0x06
const sendMessage = 0x34
/** The BMC keeps track of the request and sends the answer on to us. */
const tracked = 0x40

/**
 * The requesters named inside are those `ipmitool` names, which is what bridging is used with: a
 * controller that keeps track of a request puts its own address there (IPMI 2.0, 22.7).
 * @param sequence that of the outer request; the inner ones carry the same
 */
export function wrapBridged(request: IpmiRequest, sequence: number, bridge: Bridge): IpmiRequest {
  const { target, transit, localAddress } = bridge
  const from = transit === null ? consoleAddress : localAddress
  const inner = encodeRequest({ ...request, to: target.address, from }, sequence)
  const toTarget = send(target.channel, inner)
  if (transit === null) return toTarget
  const outer = encodeRequest({ ...toTarget, to: transit.address }, sequence)
  return send(transit.channel, outer)
}

const send = (channel: number, message: Buffer): IpmiRequest => ({
  netFn: app,
  command: sendMessage,
  data: Buffer.concat([Buffer.from([tracked | channel]), message]),
  to: bmcAddress,
})

/**
 * Finds the target's answer. The BMC may put it into its answer to Send Message, or send it as a
 * message of its own afterwards; with two hops either may happen twice.
 * @param checksums whether those of the inner message count: it came in the same packet
 * @returns undefined while only the passing on has been acknowledged
 */
export function unwrapBridged(
  answer: IpmiResponse,
  request: IpmiRequest,
  checksums: Checksums,
): IpmiResponse | undefined {
  const isOuter = answer.netFn === app + 1 && answer.command === sendMessage
  if (isOuter && !(request.netFn === app && request.command === sendMessage)) {
    // A refusal is the answer: nothing else will come.
    if (answer.code !== 0) return answer
    if (answer.data.length < 8) return undefined
    return unwrapBridged(decodeResponse(answer.data, checksums), request, checksums)
  }
  const same = answer.netFn === request.netFn + 1 && answer.command === request.command
  return same ? answer : undefined
}
