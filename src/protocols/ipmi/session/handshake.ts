import { randomBytes, randomInt } from 'node:crypto'
import {
  decodeOpenResponse,
  decodeRakp2,
  decodeRakp4,
  derivedKeys,
  encodeOpenRequest,
  encodeRakp1,
  encodeRakp3,
  sessionKey,
  type Answer,
  type RakpState,
} from '../codec/rakp.js'
import { encodeV20, payloadType, type PacketKeys } from '../codec/packet-v20.js'
import type { CipherSuite } from '../codec/suites.js'
import { IpmiAuthenticationError, IpmiCipherSuiteError } from '../errors.js'
import { refusal } from './status.js'
import type { Limits } from './wire.js'
import type { OpenWire } from './sessionless.js'

/** Who we are to the BMC. */
export interface Credentials {
  readonly username: Buffer
  readonly password: Buffer
  /** The BMC's key, where it has been given one. */
  readonly bmcKey: Buffer | null
  /** 1 callback, 2 user, 3 operator, 4 administrator. */
  readonly privilege: number
}

/** What an opened session works with. */
export interface Opened {
  readonly suite: CipherSuite
  readonly consoleSession: number
  readonly bmcSession: number
  readonly keys: PacketKeys
}

/** Look the user up by his name only, not by name and privilege level. */
const nameOnly = 0x10
const triesPerMessage = 4

/**
 * Opens a session (IPMI 2.0, 13.15): open session, then RAKP 1 to 4.
 * @throws IpmiTimeout, IpmiCipherSuiteError, IpmiAuthenticationError, IpmiPrivilegeError,
 *   IpmiNoSessionSlot, IpmiSessionError
 */
export async function openSession(
  wire: OpenWire,
  who: Credentials,
  suite: CipherSuite,
  limits: Limits,
): Promise<Opened> {
  const tag = randomInt(256)
  const consoleSession = randomInt(1, 0xffff_ffff)
  const ask = asker(wire, consoleSession, tag, limits)
  const request = encodeOpenRequest(tag, who.privilege, consoleSession, suite)
  const { openRequest, openResponse, rakp1, rakp2, rakp3, rakp4 } = payloadType
  const open = await ask('open session', openRequest, openResponse, request, decodeOpenResponse)
  checkAlgorithms(open, suite)
  const state: RakpState = {
    suite,
    username: who.username,
    userKey: who.password,
    bmcKey: who.bmcKey ?? who.password,
    role: who.privilege | nameOnly,
    consoleSession,
    bmcSession: open.bmcSession,
    consoleRandom: randomBytes(16),
  }
  const second = await ask('RAKP message 1', rakp1, rakp2, encodeRakp1(tag, state), (payload) =>
    decodeRakp2(payload, state),
  )
  if (!second.authentic) {
    throw new IpmiAuthenticationError('the BMC knows another password for this user')
  }
  const sik = sessionKey(state, second.bmcRandom)
  const third = encodeRakp3(tag, state, second)
  const fourth = await ask('RAKP message 3', rakp3, rakp4, third, (payload) =>
    decodeRakp4(payload, state, sik, second.bmcGuid),
  )
  if (!fourth.authentic) {
    throw new IpmiAuthenticationError('the BMC has another BMC key (K_G) than was given')
  }
  const { integrity, confidentiality } = suite
  const keys = { integrity, confidentiality, ...derivedKeys(suite, sik) }
  return { suite, consoleSession, bmcSession: open.bmcSession, keys }
}

function checkAlgorithms(answer: Omit<CipherSuite, 'id'>, suite: CipherSuite): void {
  const same =
    answer.authentication === suite.authentication &&
    answer.integrity === suite.integrity &&
    answer.confidentiality === suite.confidentiality
  if (!same) throw new IpmiCipherSuiteError('the BMC chose other algorithms than were asked for')
}

function asker(wire: OpenWire, consoleSession: number, tag: number, limits: Limits) {
  return async <T>(
    what: string,
    type: number,
    answerType: number,
    payload: Buffer,
    decode: (payload: Buffer) => Answer<T>,
  ): Promise<T> => {
    const packet = encodeV20({ type, sessionId: 0, sequence: 0, payload })
    const answer = await wire.ask({
      what,
      packet: () => packet,
      accept: (received) => {
        if (received.type !== answerType) return undefined
        const decoded = decode(received.payload)
        if (decoded.tag !== tag) return undefined
        const mine = decoded.consoleSession === consoleSession
        if (decoded.value !== null && !mine) return undefined
        return decoded
      },
      tries: triesPerMessage,
      limits,
    })
    if (answer.value === null) throw refusal(what, answer.status)
    return answer.value
  }
}
