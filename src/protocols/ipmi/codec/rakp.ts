import { authHmac, sameBytes, truncateForRakp4 } from './crypto.js'
import { Reader, le32 } from './reader.js'
import type { CipherSuite } from './suites.js'

/**
 * The messages that open a session (IPMI 2.0, 13.17 to 13.24) and the keys that come of them
 * (13.31, 13.32). All of it pure: what is random comes from the caller.
 */
export interface RakpState {
  readonly suite: CipherSuite
  readonly username: Buffer
  /** The user's key: the password. */
  readonly userKey: Buffer
  /** The BMC's key, where it has one; else the user's. */
  readonly bmcKey: Buffer
  /** Privilege level, with the bit that looks the user up by name only. */
  readonly role: number
  readonly consoleSession: number
  readonly bmcSession: number
  readonly consoleRandom: Buffer
}

export interface Rakp2 {
  readonly bmcRandom: Buffer
  readonly bmcGuid: Buffer
}

const zeros = (count: number): Buffer => Buffer.alloc(count)

export function encodeOpenRequest(
  tag: number,
  privilege: number,
  consoleSession: number,
  suite: CipherSuite,
): Buffer {
  const algorithm = (kind: number, value: number): Buffer =>
    Buffer.from([kind, 0, 0, 8, value, 0, 0, 0])
  return Buffer.concat([
    Buffer.from([tag, privilege, 0, 0]),
    le32(consoleSession),
    algorithm(0, suite.authentication),
    algorithm(1, suite.integrity),
    algorithm(2, suite.confidentiality),
  ])
}

/** An answer of the handshake; without a value the BMC refuses, and the status says why. */
export interface Answer<T> {
  readonly tag: number
  readonly status: number
  readonly consoleSession: number
  readonly value: T | null
}

export interface OpenResponse {
  readonly bmcSession: number
  readonly authentication: number
  readonly integrity: number
  readonly confidentiality: number
}

function decodeAnswer<T>(reader: Reader, value: (reader: Reader) => T): Answer<T> {
  const tag = reader.u8()
  const status = reader.u8()
  if (status !== 0) return { tag, status, consoleSession: 0, value: null }
  const consoleSession = reader.skip(2).u32()
  return { tag, status, consoleSession, value: value(reader) }
}

/** @throws IpmiProtocolError */
export function decodeOpenResponse(payload: Buffer): Answer<OpenResponse> {
  return decodeAnswer(new Reader(payload, 'open session response'), (reader) => {
    const bmcSession = reader.u32()
    const algorithm = (): number => {
      const value = reader.skip(4).u8() & 0x3f
      reader.skip(3)
      return value
    }
    const [authentication, integrity, confidentiality] = [algorithm(), algorithm(), algorithm()]
    return { bmcSession, authentication, integrity, confidentiality }
  })
}

export function encodeRakp1(tag: number, state: RakpState): Buffer {
  return Buffer.concat([
    Buffer.from([tag, 0, 0, 0]),
    le32(state.bmcSession),
    state.consoleRandom,
    Buffer.from([state.role, 0, 0, state.username.length]),
    state.username,
  ])
}

const nameOf = (state: RakpState): Buffer =>
  Buffer.concat([Buffer.from([state.role, state.username.length]), state.username])

/**
 * @returns whether the hash is right too: only who knows the password can make it
 * @throws IpmiProtocolError
 */
export function decodeRakp2(
  payload: Buffer,
  state: RakpState,
): Answer<Rakp2 & { authentic: boolean }> {
  return decodeAnswer(new Reader(payload, 'RAKP message 2'), (reader) => {
    const bmcRandom = Buffer.from(reader.bytes(16))
    const bmcGuid = Buffer.from(reader.bytes(16))
    const wanted = rakp2Hash(state, bmcRandom, bmcGuid)
    return { bmcRandom, bmcGuid, authentic: sameBytes(reader.bytes(wanted.length), wanted) }
  })
}

/** The hash by which the BMC shows that it knows the password. */
export const rakp2Hash = (state: RakpState, bmcRandom: Buffer, bmcGuid: Buffer): Buffer =>
  authHmac(
    state.suite.authentication,
    state.userKey,
    le32(state.consoleSession),
    le32(state.bmcSession),
    state.consoleRandom,
    bmcRandom,
    bmcGuid,
    nameOf(state),
  )

/** The hash by which we do. */
export const rakp3Hash = (state: RakpState, bmcRandom: Buffer): Buffer =>
  authHmac(
    state.suite.authentication,
    state.userKey,
    bmcRandom,
    le32(state.consoleSession),
    nameOf(state),
  )

export const encodeRakp3 = (tag: number, state: RakpState, rakp2: Rakp2): Buffer =>
  Buffer.concat([
    Buffer.from([tag, 0, 0, 0]),
    le32(state.bmcSession),
    rakp3Hash(state, rakp2.bmcRandom),
  ])

/** The session integrity key. */
export const sessionKey = (state: RakpState, bmcRandom: Buffer): Buffer =>
  authHmac(state.suite.authentication, state.bmcKey, state.consoleRandom, bmcRandom, nameOf(state))

/** The hash by which the BMC shows that it has the same session key. */
export const rakp4Hash = (state: RakpState, sik: Buffer, bmcGuid: Buffer): Buffer =>
  truncateForRakp4(
    state.suite.authentication,
    authHmac(state.suite.authentication, sik, state.consoleRandom, le32(state.bmcSession), bmcGuid),
  )

/** @throws IpmiProtocolError */
export function decodeRakp4(
  payload: Buffer,
  state: RakpState,
  sik: Buffer,
  bmcGuid: Buffer,
): Answer<{ authentic: boolean }> {
  return decodeAnswer(new Reader(payload, 'RAKP message 4'), (reader) => {
    const wanted = rakp4Hash(state, sik, bmcGuid)
    return { authentic: sameBytes(reader.bytes(wanted.length), wanted) }
  })
}

/** The keys that sign (K1) and encrypt (K2). */
export function derivedKeys(suite: CipherSuite, sik: Buffer): { k1: Buffer; k2: Buffer } {
  const derive = (byte: number): Buffer =>
    authHmac(suite.authentication, sik, Buffer.alloc(20, byte))
  if (suite.authentication === 0) return { k1: zeros(0), k2: zeros(0) }
  return { k1: derive(1), k2: derive(2) }
}
