import { describe, expect, it } from 'vitest'
import { decodeResponse, encodeRequest } from '../../../src/protocols/ipmi/codec/message.js'
import { decodeV15, encodeSessionless } from '../../../src/protocols/ipmi/codec/packet-v15.js'
import { decodeV20, encodeV20, noKeys } from '../../../src/protocols/ipmi/codec/packet-v20.js'
import {
  decodeOpenResponse,
  decodeRakp2,
  decodeRakp4,
  encodeOpenRequest,
  encodeRakp1,
  encodeRakp3,
  rakp3Hash,
} from '../../../src/protocols/ipmi/codec/rakp.js'
import { decodePong, decodeRmcp, encodePing } from '../../../src/protocols/ipmi/codec/rmcp.js'
import { decodeSol } from '../../../src/protocols/ipmi/codec/sol.js'
import { typedString } from '../../../src/protocols/ipmi/codec/strings.js'
import { cipherSuite } from '../../../src/protocols/ipmi/codec/suites.js'
import { IpmiProtocolError } from '../../../src/protocols/ipmi/errors.js'
import { parseSuites, suitesToTry } from '../../../src/protocols/ipmi/session/negotiate.js'
import { SequenceWindow } from '../../../src/protocols/ipmi/session/window.js'
import { decodeFruLocator, decodeSensor } from '../../../src/protocols/ipmi/sdr/record.js'
import { randomBytes } from '../_random.js'
import { captured, packets, recover } from './_captured.js'

const sessions = [
  ['suite 3: power status', 3],
  ['suite 3: fru', 3],
  ['suite 17: power status', 17],
] as const

describe.each(sessions)('ipmitool’s conversation, %s', (name, suite) => {
  const { state, keys, hashes, ours, bmcRandom } = recover(name, suite)

  it('is reproduced byte for byte up to the session', () => {
    const [caps, , open, , first, , third] = packets(name)
    const data = Buffer.from([0x8e, 0x04])
    expect(encodeSessionless(encodeRequest({ netFn: 6, command: 0x38, data }, 0))).toEqual(caps)
    const plain = (type: number, payload: Buffer) =>
      encodeV20({ type, sessionId: 0, sequence: 0, payload })
    const chosen = cipherSuite(suite)!
    expect(plain(0x10, encodeOpenRequest(0, 0, state.consoleSession, chosen))).toEqual(open)
    expect(plain(0x12, encodeRakp1(0, state))).toEqual(first)
    const answer = { bmcRandom, bmcGuid: Buffer.alloc(16) }
    expect(plain(0x14, encodeRakp3(0, state, answer))).toEqual(third)
  })

  it('has the hashes that we make', () => {
    expect(ours).toEqual({ rakp2: hashes.rakp2, rakp4: hashes.rakp4 })
    expect(rakp3Hash(state, bmcRandom)).toEqual(hashes.rakp3)
  })

  it('is decrypted, its signatures hold, and encoding it again gives the same bytes', () => {
    const inSession = packets(name).filter((bytes) => ((bytes[5] ?? 0) & 0xc0) === 0xc0)
    expect(inSession.length).toBeGreaterThan(10)
    for (const bytes of inSession) {
      const packet = decodeV20(bytes.subarray(4), () => keys)
      expect(packet.type).toBe(0)
      const iv = bytes.subarray(16, 32)
      expect(encodeV20(packet, keys, iv)).toEqual(bytes)
    }
  })

  it('is refused with any bit of a packet changed', () => {
    const bytes = packets(name).find((one) => ((one[5] ?? 0) & 0xc0) === 0xc0)!
    for (let at = 4; at < bytes.length; at += 1) {
      const bent = Buffer.from(bytes)
      bent[at] = (bent[at] ?? 0) ^ 0x10
      expect(() => decodeV20(bent.subarray(4), () => keys)).toThrow(IpmiProtocolError)
    }
  })
})

it('does not take an unsigned or unencrypted packet for one of a session', () => {
  const { keys } = recover('suite 3: power status', 3)
  const payload = encodeRequest({ netFn: 6, command: 1, data: Buffer.alloc(0) }, 0)
  const plain = encodeV20({ type: 0, sessionId: 1, sequence: 1, payload })
  expect(() => decodeV20(plain.subarray(4), () => keys)).toThrow('is not signed')
})

/** Everything that reads what a BMC sent. */
const { keys: someKeys, state: someState } = recover('suite 3: power status', 3)
const readers: Record<string, (bytes: Buffer) => unknown> = {
  rmcp: decodeRmcp,
  pong: decodePong,
  v15: (b) => decodeV15(b.subarray(4)),
  v20: (b) => decodeV20(b.subarray(4), () => noKeys),
  'v20 with keys': (b) => decodeV20(b.subarray(4), () => someKeys),
  response: decodeResponse,
  'open response': decodeOpenResponse,
  rakp2: (b) => decodeRakp2(b, someState),
  rakp4: (b) => decodeRakp4(b, someState, Buffer.alloc(20), Buffer.alloc(16)),
  sol: decodeSol,
  sensor: decodeSensor,
  fru: decodeFruLocator,
  string: (b) => typedString(b, 0, true),
  suites: (b) => parseSuites(b),
}

describe('whatever comes in', () => {
  it.each(Object.entries(readers))(
    '%s: cut anywhere, it is refused and nothing else',
    (_n, read) => {
      const all = sessions.flatMap(([name]) => packets(name))
      expect(all.length).toBeGreaterThan(50)
      for (const bytes of all) {
        for (let length = 0; length <= bytes.length; length += 1)
          refuses(read, bytes.subarray(0, length))
      }
    },
  )

  it('100,000 damaged packets harm nobody', { timeout: 60_000 }, () => {
    const near = sessions.flatMap(([name]) =>
      packets(name).flatMap((bytes) => [bytes, bytes.subarray(4), bytes.subarray(16)]),
    )
    const all = Object.values(readers)
    const begin = performance.now()
    let at = 0
    for (const bytes of randomBytes({ seed: 2026, count: 100_000, most: 80, near })) {
      refuses(all[at++ % all.length]!, bytes)
    }
    expect(performance.now() - begin).toBeLessThan(40_000)
  })
})

function refuses(read: (bytes: Buffer) => unknown, bytes: Buffer): void {
  try {
    read(bytes)
  } catch (error) {
    if (!(error instanceof IpmiProtocolError)) throw error
  }
}

it('asks by ASF ping and understands the pong', () => {
  expect(encodePing(9).toString('hex')).toBe('0600ff06000011be80090000')
  const pong = Buffer.from(
    '0600ff06000011be40090010000011be00000000810000000000 0000'.replaceAll(' ', ''),
    'hex',
  )
  expect(decodePong(pong)).toEqual({ tag: 9, ipmi: true })
})

it('takes numbers of packets once, in any order within the window', () => {
  const window = new SequenceWindow()
  const taken = [5, 4, 5, 9, 4, 7, 0, 0, 41, 9, 10, 42, 42].map((n) => window.accept(n))
  expect(taken).toEqual([
    ...[true, true, false, true, false, true, true, true, true, false, true, true, false],
  ])
})

it('chooses cipher suites', () => {
  const records = Buffer.from(
    'c0000040 80c0030141 81c1110a2a00 03 44 81c0110344 81'.replaceAll(' ', ''),
    'hex',
  )
  expect(parseSuites(records)).toEqual([0, 3, 17])
  expect(suitesToTry(null, [0, 1, 2, 3])).toEqual([3])
  expect(suitesToTry(null, [0, 3, 17])).toEqual([17, 3])
  expect(suitesToTry(null, [0])).toEqual([17, 3])
  expect(suitesToTry([8, 17, 3], [0])).toEqual([17, 3])
})

it('reads strings of every type', () => {
  const read = (hex: string, unicode = true) =>
    typedString(Buffer.from(hex, 'hex'), 0, unicode)?.text
  expect(read('c3414243')).toBe('ABC')
  expect(read('8329dca6', false)).toBe('IPMI')
  expect(read('4212a3')).toBe('12 3')
  expect(read('0441004200')).toBe('AB')
  expect(read('02abcd', false)).toBe('abcd')
  expect(read('c5414243')).toBeUndefined()
})

it('has conversations to check against', () => {
  expect(Object.keys(captured)).toHaveLength(3)
})
