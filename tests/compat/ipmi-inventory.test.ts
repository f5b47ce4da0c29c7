// FRU inventory and event log of OpenIPMI's simulator, as Ferric and `ipmitool` read them.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IpmiProtocolError } from '../../src/protocols/ipmi/errors.js'
import { decodeBoard, decodeChassis, decodeProduct } from '../../src/protocols/ipmi/fru/areas.js'
import { readFru } from '../../src/protocols/ipmi/fru/inventory.js'
import { clearSel, readSel, selInfo } from '../../src/protocols/ipmi/sel/log.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { clientTo, withClient } from './ipmi/clients.js'

const port = 23171
let sim: IpmiSim
beforeAll(async () => {
  sim = await IpmiSim.start({ port })
}, 60_000)
afterAll(async () => {
  await sim?.[Symbol.asyncDispose]()
})

/** The `Key : Value` lines of ipmitool. */
const fieldsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => /^ *(.+?) *: (.*)$/.exec(line))
      .flatMap((found) => (found === null ? [] : [[found[1] ?? '', (found[2] ?? '').trim()]])),
  )

describe('the FRU inventory', () => {
  it('says what ipmitool reads', async () => {
    const fru = await withClient(clientTo(port), (bmc) => readFru(bmc))
    const seen = fieldsOf(await sim.ipmitool('fru', 'print', '0'))
    expect(seen).toMatchObject({
      'Chassis Part Number': fru?.chassis?.partNumber,
      'Chassis Serial': fru?.chassis?.serialNumber,
      'Board Mfg': fru?.board?.manufacturer,
      'Board Product': fru?.board?.product,
      'Board Serial': fru?.board?.serialNumber,
      'Board Part Number': fru?.board?.partNumber,
      'Product Manufacturer': fru?.product?.manufacturer,
      'Product Name': fru?.product?.product,
      'Product Part Number': fru?.product?.partNumber,
      'Product Version': fru?.product?.version,
      'Product Serial': fru?.product?.serialNumber,
      'Product Asset Tag': fru?.product?.assetTag,
    })
    expect(fru?.product?.serialNumber).toBe('SER9')
    const day = fru?.board?.made?.toISOString().slice(0, 10)
    expect(new Date(`${seen['Board Mfg Date']} UTC`).toISOString().slice(0, 10)).toBe(day)
  })

  it('is absent where the BMC has none', async () => {
    expect(await withClient(clientTo(port), (bmc) => readFru(bmc, 9))).toBeNull()
  })

  it.each([
    ['chassis', decodeChassis],
    ['board', decodeBoard],
    ['product', decodeProduct],
  ] as const)('%s: cut or damaged anywhere, it is refused and nothing else', (_name, decode) => {
    const area = Buffer.alloc(32)
    area.set([1, 4, 25, 0x40, 0x57, 0x6f, 0xc4, ...Buffer.from('ACME'), 0xc1])
    area[31] = -area.reduce((a, b) => a + b, 0) & 0xff
    decode(area)
    for (let end = 0; end < area.length - 1; end += 1) {
      expect(() => decode(area.subarray(0, end))).toThrow(IpmiProtocolError)
    }
    for (let at = 0; at < area.length; at += 1) {
      const bad = Buffer.from(area)
      bad[at] = (bad[at] ?? 0) ^ 0x41
      expect(() => decode(bad)).toThrow(IpmiProtocolError)
    }
  })
})

describe('the event log', () => {
  /** A temperature passes its upper critical threshold, as an event of the platform. */
  const temperatureTooHigh = '0x0a 0x44 0 0 0x02 0 0 0 0 0x20 0 4 1 1 1 0x59 0x70 0x60'

  it('says what ipmitool reads, the oldest first', async () => {
    await sim.ipmitool('raw', ...temperatureTooHigh.split(' '))
    const entries = await withClient(clientTo(port), readSel)
    const lines = (await sim.ipmitool('sel', 'list')).trim().split('\n')
    expect(entries).toHaveLength(lines.length)
    expect(entries.length).toBeGreaterThanOrEqual(2)
    for (const [n, line] of lines.entries()) {
      const [id = '', , , sensor = '', what = '', direction = ''] = line
        .split('|')
        .map((s) => s.trim())
      const event = entries[n]?.event
      expect(entries[n]?.id).toBe(Number.parseInt(id, 16))
      expect(sensor.startsWith(event?.sensorType ?? '?')).toBe(true)
      expect(what.toLowerCase()).toContain(event?.what.toLowerCase() ?? '?')
      expect(direction).toBe(event?.asserted === true ? 'Asserted' : 'Deasserted')
    }
  })

  it('counts as ipmitool does, and is empty for both when it was cleared', async () => {
    const info = await withClient(clientTo(port), selInfo)
    const seen = fieldsOf(await sim.ipmitool('sel', 'info'))
    expect(Number(seen['Entries'])).toBe(info.entries)
    expect(Number.parseInt(seen['Free Space'] ?? '', 10)).toBe(info.freeBytes)
    await withClient(clientTo(port), (bmc) => clearSel(bmc, () => sleep(100)))
    expect((await withClient(clientTo(port), selInfo)).entries).toBe(0)
    expect(await withClient(clientTo(port), readSel)).toEqual([])
    expect(fieldsOf(await sim.ipmitool('sel', 'info'))['Entries']).toBe('0')
  })
})
