import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeV20, noKeys, type PacketKeys } from '../../../src/protocols/ipmi/codec/packet-v20.js'
import {
  derivedKeys,
  rakp2Hash,
  rakp4Hash,
  sessionKey,
  type RakpState,
} from '../../../src/protocols/ipmi/codec/rakp.js'
import { cipherSuite, type CipherSuite } from '../../../src/protocols/ipmi/codec/suites.js'

/** Conversations of `ipmitool` 1.8.19: with ipmi_sim 2.0.33 (suite 3), with a BMC of ours (17). */
type Conversation = { to: 'bmc' | 'client'; hex: string }[]
const file = join(import.meta.dirname, 'fixtures', 'captured.json')
export const captured = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Conversation>

export const packets = (name: string): Buffer[] =>
  (captured[name] ?? []).map(({ hex }) => Buffer.from(hex, 'hex'))

/** What a packet of the handshake carries, found by its type. */
const payload = (name: string, type: number): Buffer => {
  const found = packets(name).find((bytes) => bytes[4] === 0x06 && (bytes[5] ?? 0) === type)
  if (found === undefined) throw new Error(`no packet of type ${type}`)
  return decodeV20(found.subarray(4), () => noKeys).payload
}

export interface Recovered {
  readonly state: RakpState
  readonly keys: PacketKeys
  readonly hashes: Record<'rakp2' | 'rakp3' | 'rakp4', Buffer>
  readonly ours: Record<'rakp2' | 'rakp4', Buffer>
  readonly bmcRandom: Buffer
}

/** The keys of a recorded session, worked out from its packets and the password. */
export function recover(name: string, suiteId: number): Recovered {
  const suite = cipherSuite(suiteId) as CipherSuite
  const open = payload(name, 0x11)
  const first = payload(name, 0x12)
  const second = payload(name, 0x13)
  const password = Buffer.from('secret')
  const state: RakpState = {
    suite,
    username: first.subarray(28),
    userKey: password,
    bmcKey: password,
    role: first[24] ?? 0,
    consoleSession: open.readUInt32LE(4),
    bmcSession: open.readUInt32LE(8),
    consoleRandom: first.subarray(8, 24),
  }
  const bmcRandom = second.subarray(8, 24)
  const guid = second.subarray(24, 40)
  const sik = sessionKey(state, bmcRandom)
  const { integrity, confidentiality } = suite
  return {
    state,
    bmcRandom,
    keys: { integrity, confidentiality, ...derivedKeys(suite, sik) },
    hashes: {
      rakp2: second.subarray(40),
      rakp3: payload(name, 0x14).subarray(8),
      rakp4: payload(name, 0x15).subarray(8),
    },
    ours: {
      rakp2: rakp2Hash(state, bmcRandom, guid),
      rakp4: rakp4Hash(state, sik, guid),
    },
  }
}
