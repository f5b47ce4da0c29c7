import { cipherSuite, preferredSuites } from '../codec/suites.js'
import { completionCodes } from '../codec/completion-codes.js'
import { IpmiCompletionError, IpmiTimeout } from '../errors.js'
import { askSessionless, type OpenWire } from './sessionless.js'
import type { Limits } from './wire.js'

/** What a BMC says about itself before a session (IPMI 2.0, 22.13). */
export interface ChannelCapabilities {
  readonly ipmi20: boolean
  /** It has a BMC key (K_G) that is not zero. */
  readonly bmcKeySet: boolean
  readonly anonymousLogin: boolean
  /** IPMI 1.5 authentication types, one bit each: 0 none, 1 MD2, 2 MD5, 4 password. */
  readonly authTypes: number
}

const app = 0x06
const thisChannel = 0x0e

/** @throws IpmiTimeout when nothing that speaks IPMI is there; IpmiCompletionError */
export async function channelCapabilities(
  wire: OpenWire,
  privilege: number,
  limits: Limits,
): Promise<ChannelCapabilities> {
  const ask = (channel: number): Promise<Buffer> =>
    askSessionless(
      wire,
      { netFn: app, command: 0x38, data: Buffer.from([channel, privilege]) },
      limits,
    )
  let data: Buffer
  try {
    data = await ask(0x80 | thisChannel)
  } catch (error) {
    if (!(error instanceof IpmiCompletionError)) throw error
    // BMCs of before IPMI 2.0 refuse the bit that asks for its fields.
    data = await ask(thisChannel)
  }
  const [, types = 0, login = 0, extended = 0] = data
  const isExtended = (types & 0x80) !== 0
  return {
    ipmi20: isExtended && (extended & 0x02) !== 0,
    bmcKeySet: (login & 0x20) !== 0,
    anonymousLogin: (login & 0x01) !== 0,
    authTypes: types & 0x3f,
  }
}

const mostChunks = 64
const chunk = 16

/**
 * The cipher suites a BMC offers (IPMI 2.0, 22.15); null when it does not say.
 * @throws IpmiTimeout only when `patient`: some BMCs do not answer this outside of a session
 */
export async function offeredSuites(wire: OpenWire, limits: Limits): Promise<number[] | null> {
  const parts: Buffer[] = []
  try {
    for (let index = 0; index < mostChunks; index += 1) {
      const data = Buffer.from([thisChannel, 0x00, 0x80 | index])
      const part = await askSessionless(wire, { netFn: app, command: 0x54, data }, limits)
      parts.push(part.subarray(1))
      if (part.length - 1 < chunk) break
    }
  } catch (error) {
    if (error instanceof IpmiCompletionError || error instanceof IpmiTimeout) return null
    throw error
  }
  return parseSuites(Buffer.concat(parts))
}

const standardRecord = 0xc0
const oemRecord = 0xc1

/** Reads the records of cipher suites (IPMI 2.0, table 22-18). */
export function parseSuites(records: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at < records.length; at += 1) {
    const start = records[at]
    const id = records[at + 1]
    if (start === standardRecord && id !== undefined) found.push(id)
    // The identifier and, after an OEM record's start, the enterprise number are skipped; the
    // algorithms that follow are marked by their lower values.
    if (start === standardRecord) at += 1
    if (start === oemRecord) at += 4
  }
  return found
}

/**
 * Which suites to try, the best first: what was asked for, else what both sides can among the
 * good ones. A suite that does not protect is never chosen here.
 */
export function suitesToTry(
  wanted: readonly number[] | null,
  offered: readonly number[] | null,
): number[] {
  if (wanted !== null) return wanted.filter((id) => cipherSuite(id) !== undefined)
  if (offered === null) return [...preferredSuites]
  const common = preferredSuites.filter((id) => offered.includes(id))
  // Firmware is known to list suites wrongly: with nothing in common, ask and see.
  return common.length > 0 ? common : [...preferredSuites]
}

/** Whether a BMC asks to come again later. */
export const comesAgain = (error: unknown): boolean =>
  error instanceof IpmiCompletionError &&
  (error.code === completionCodes.nodeBusy || error.code === completionCodes.initializing)
