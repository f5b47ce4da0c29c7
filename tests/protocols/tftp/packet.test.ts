import { describe, expect, it } from 'vitest'
import {
  decodePacket,
  encodeAck,
  encodeData,
  encodeError,
  encodeOack,
  encodeRequest,
  TftpProtocolError,
} from '../../../src/protocols/tftp/packet.js'
import { randomBytes } from '../_random.js'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

/** Requests as the programs named sent them. */
const captured = [
  {
    scenario: 'curl 7.88 with --tftp-blksize 1428',
    bytes:
      '0001 736e706f6e6c792e65666900 6f6374657400 7473697a6500 3000 ' +
      '626c6b73697a6500 3134323800 74696d656f757400 3100',
    file: 'snponly.efi',
    options: { tsize: '0', blksize: '1428', timeout: '1' },
  },
  {
    scenario: 'OVMF 2022.11',
    bytes:
      '0001 736e706f6e6c792e65666900 6f6374657400 7473697a6500 3000 ' +
      '626c6b73697a6500 3134363800 77696e646f7773697a6500 3400',
    file: 'snponly.efi',
    options: { tsize: '0', blksize: '1468', windowsize: '4' },
  },
  {
    scenario: 'tftp-hpa 5.2',
    bytes: '0001 736e706f6e6c792e65666900 6f6374657400',
    file: 'snponly.efi',
    options: {},
  },
]

describe('requests', () => {
  it.each(captured)('of $scenario', ({ bytes, file, options }) => {
    const packet = decodePacket(hex(bytes))
    expect(packet).toMatchObject({ kind: 'rrq', file, mode: 'octet' })
    expect(packet.kind === 'rrq' && Object.fromEntries(packet.options)).toEqual(options)
    expect(packet.kind === 'rrq' && encodeRequest(packet)).toEqual(hex(bytes))
  })

  it('take mode and option names in any case, and the first of equal options', () => {
    const text = '\0\x01f\0OCTET\0BlkSize\x001024\0blksize\x008\0'
    const packet = decodePacket(Buffer.from(text, 'latin1'))
    expect(packet).toMatchObject({ mode: 'octet', options: new Map([['blksize', '1024']]) })
  })

  it('may be padded with NUL', () => {
    const packet = decodePacket(Buffer.from('\0\x01f\0octet\0\0\0\0', 'latin1'))
    expect(packet).toMatchObject({ file: 'f', options: new Map() })
  })
})

describe('packets', () => {
  it.each([
    ['DATA', Buffer.concat(encodeData(65537, Buffer.from('ab'))), '0003 0001 6162'],
    ['ACK', encodeAck(258), '0004 0102'],
    ['ERROR', encodeError(1, 'no'), '0005 0001 6e6f00'],
    ['OACK', encodeOack(new Map([['tsize', '7']])), '0006 7473697a6500 3700'],
  ])('%s', (_name, bytes, expected) => {
    expect(bytes).toEqual(hex(expected))
  })

  it.each([
    ['0003 0007 6162', { kind: 'data', block: 7, data: Buffer.from('ab') }],
    ['0004 ffff', { kind: 'ack', block: 65535 }],
    ['0005 0008 6e6f', { kind: 'error', code: 8, message: 'no' }],
    ['0006 7473697a6500 3700', { kind: 'oack', options: new Map([['tsize', '7']]) }],
  ])('decodes %s', (bytes, expected) => {
    expect(decodePacket(hex(bytes))).toEqual(expected)
  })

  it.each(['', '0001', '00010061', '000100006f6374657400', '0007000000', '0001610062'])(
    'refuses %s',
    (bytes) => {
      expect(() => decodePacket(hex(bytes))).toThrow(TftpProtocolError)
    },
  )

  it('reads a request cut after an option, and refuses every other cut', () => {
    const whole = hex(captured[0]?.bytes ?? '')
    const cuts = Array.from({ length: whole.length }, (_, length) => length)
    const read = cuts.filter((length) => attempt(whole.subarray(0, length)) !== undefined)
    expect(read).toEqual([20, 28, 41])
  })

  it('survives 100,000 malformed packets', () => {
    let read = 0
    for (const bytes of randomBytes({ seed: 7, count: 100_000, most: 120, near: seeds })) {
      if (attempt(bytes) !== undefined) read += 1
    }
    expect(read).toBeGreaterThan(1000)
  })
})

const seeds = [
  hex(captured[0]?.bytes ?? ''),
  encodeOack(new Map([['blksize', '1428']])),
  encodeError(0, 'text'),
]

/** The packet, or undefined when it is refused; anything but TftpProtocolError is a crash. */
function attempt(bytes: Buffer) {
  try {
    return decodePacket(bytes)
  } catch (error) {
    if (error instanceof TftpProtocolError) return undefined
    throw error
  }
}
