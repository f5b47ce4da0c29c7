import { describe, expect, it } from 'vitest'
import { readIso } from '../../src/images/iso9660/read.js'
import { isoBuffer } from '../../src/images/iso9660/write.js'

const files = [
  { path: 'openstack/latest/meta_data.json', content: Buffer.from('{"uuid":"u"}') },
  { path: 'openstack/latest/user_data', content: Buffer.from([0, 1, 255]) },
  { path: 'openstack/content/0000', content: Buffer.alloc(5000, 7) },
]
const disc = () => isoBuffer({ label: 'config-2', publisher: 'FERRIC', files })
const sorted = <T extends { path: string }>(all: readonly T[]) =>
  all.toSorted((a, b) => a.path.localeCompare(b.path))

function outcomeOf(iso: Buffer): string {
  try {
    return readIso(iso).every(({ content }) => content.length < iso.length) ? 'read' : 'too much'
  } catch (error) {
    return (error as Error).name
  }
}

describe('reading a disc', () => {
  it('finds the files that were put on it', () => {
    expect(sorted(readIso(disc()))).toEqual(sorted(files))
  })

  it('refuses what is none', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100_000), Buffer.from('config-2')])
      expect(() => readIso(bytes)).toThrow('no readable ISO 9660 disc')
  })

  it('refuses one that is cut off, wherever it is cut', () => {
    const whole = disc()
    const last = whole.findLastIndex((byte) => byte !== 0)
    for (let sectors = 0; sectors * 2048 <= last; sectors++)
      expect(() => readIso(whole.subarray(0, sectors * 2048))).toThrow('no readable ISO 9660 disc')
  })

  it('refuses names that lead out of it', () => {
    const iso = disc()
    const at = iso.indexOf('user_data', 0, 'latin1')
    expect(at).toBeGreaterThan(0)
    iso.write('../x/data', at, 'latin1')
    expect(() => readIso(iso)).toThrow('a file has a name no file may have')
  })

  it('refuses files that have more bytes together than a drive may have', () => {
    const content = Buffer.alloc(33 * 1024 * 1024)
    const large = ['a', 'b'].map((path) => ({ path, content }))
    const iso = isoBuffer({ label: 'config-2', publisher: 'FERRIC', files: large })
    expect(() => readIso(iso)).toThrow('its files have more than 67108864 bytes')
  })

  it('ends, whatever the bytes are', () => {
    const whole = disc()
    let state = 42
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return state % below
    }
    for (let round = 0; round < 2000; round++) {
      const iso = Buffer.from(whole)
      for (let i = 0; i < 4; i++) iso[16 * 2048 + random(iso.length - 16 * 2048)] = random(256)
      expect(outcomeOf(iso)).toMatch(/^(read|InvalidParameterValue)$/)
    }
  })
})
