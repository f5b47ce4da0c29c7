import type { Clock } from '../../clock.js'
import { cipherSuite } from './codec/suites.js'
import {
  IpmiCipherSuiteError,
  IpmiCompletionError,
  IpmiPrivilegeError,
  IpmiSessionError,
  type IpmiError,
} from './errors.js'
import type { Bridge } from './session/bridge.js'
import { openSession, type Credentials, type Opened } from './session/handshake.js'
import { channelCapabilities, offeredSuites, suitesToTry } from './session/negotiate.js'
import { Session } from './session/session.js'
import { openWire, type OpenWire } from './session/sessionless.js'
import type { Transport } from './session/transport.js'
import type { Limits, Timing } from './session/wire.js'

/** A BMC, and who we are to it. */
export interface IpmiTarget {
  readonly credentials: Credentials
  /** Cipher suites to try, in this order; null: the best that both sides have. */
  readonly suites: readonly number[] | null
  readonly bridge: Bridge | null
}

export interface Connected {
  readonly session: Session
  readonly transport: Transport
}

interface Parts {
  readonly clock: Clock
  /** Before there is a session. */
  readonly timing: Timing
  readonly commandTiming: Timing
  /** The suite that worked the last time. */
  readonly suite: number | null
}

const app = 0x06

/**
 * Opens a session and raises it to the privilege level.
 * @throws the classes of `errors.ts`; the transport stays the caller's
 */
export async function connectSession(
  transport: Transport,
  target: IpmiTarget,
  parts: Parts,
  limits: Limits,
): Promise<Connected> {
  const wire = openWire(transport, parts.clock, parts.timing)
  // Who has had a session with it knows, and spares a BMC that is polled one request in seven.
  if (parts.suite === null) await mustSpeakIpmi20(wire, target, limits)
  const suites = await suitesFor(wire, target, parts, limits)
  const opened = await openWithOneOf(wire, target.credentials, suites, limits)
  const session = new Session(transport, opened, parts.clock, parts.commandTiming)
  await raisePrivilege(session, target.credentials.privilege, limits)
  return { session, transport }
}

async function mustSpeakIpmi20(wire: OpenWire, target: IpmiTarget, limits: Limits): Promise<void> {
  const { ipmi20 } = await channelCapabilities(wire, target.credentials.privilege, limits)
  if (!ipmi20) throw new IpmiSessionError('the BMC does not speak IPMI 2.0')
}

async function suitesFor(
  wire: OpenWire,
  target: IpmiTarget,
  parts: Parts,
  limits: Limits,
): Promise<number[]> {
  if (parts.suite !== null) {
    const rest = suitesToTry(target.suites, null).filter((id) => id !== parts.suite)
    return [parts.suite, ...rest]
  }
  if (target.suites !== null) return suitesToTry(target.suites, null)
  return suitesToTry(null, await offeredSuites(wire, limits))
}

async function openWithOneOf(
  wire: OpenWire,
  who: Credentials,
  suites: readonly number[],
  limits: Limits,
): Promise<Opened> {
  let refused: IpmiError = new IpmiCipherSuiteError('no cipher suite that was given is known')
  for (const id of suites) {
    const suite = cipherSuite(id)
    if (suite === undefined) continue
    try {
      return await openSession(wire, who, suite, limits)
    } catch (error) {
      // Firmware refuses suites it does not have by "invalid role" as well.
      if (!(error instanceof IpmiCipherSuiteError || error instanceof IpmiPrivilegeError)) {
        throw error
      }
      refused = error
    }
  }
  if (!(refused instanceof IpmiCipherSuiteError)) throw refused
  throw new IpmiCipherSuiteError(`${refused.message}; tried cipher suites ${suites.join(', ')}`)
}

/** @throws IpmiPrivilegeError when the user may not have the level */
async function raisePrivilege(session: Session, privilege: number, limits: Limits): Promise<void> {
  const data = Buffer.from([privilege])
  try {
    await session.request({ netFn: app, command: 0x3b, data }, limits)
  } catch (error) {
    if (!(error instanceof IpmiCompletionError)) throw error
    throw new IpmiPrivilegeError(`the user may not use privilege level ${privilege}`, {
      cause: error,
    })
  }
}
