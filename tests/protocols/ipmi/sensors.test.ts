import { describe, expect, it } from 'vitest'
import type { Requester } from '../../../src/protocols/ipmi/requester.js'
import { IpmiCompletionError } from '../../../src/protocols/ipmi/errors.js'
import { unitName } from '../../../src/protocols/ipmi/sdr/names.js'
import { convert } from '../../../src/protocols/ipmi/sdr/reading.js'
import type { SensorFactors, SensorRecord } from '../../../src/protocols/ipmi/sdr/record.js'
import { readSdrs } from '../../../src/protocols/ipmi/sdr/repository.js'

const factors: SensorFactors = {
  linearization: 0,
  m: 1,
  b: 0,
  bExponent: 0,
  resultExponent: 0,
  tolerance: 0,
  nominal: null,
  normalMaximum: null,
  normalMinimum: null,
  sensorMaximum: 255,
  sensorMinimum: 0,
  positiveHysteresis: 0,
  negativeHysteresis: 0,
}

function sensor(linearization: number, format = 0): SensorRecord {
  const units = { format, percent: false, base: 1, modifier: 0, relation: 0 }
  return {
    kind: 'full',
    owner: 0x20,
    channel: 0,
    lun: 0,
    number: 1,
    entity: 7,
    entityInstance: 1,
    sensorType: 1,
    readingType: 1,
    assertions: 0,
    deassertions: 0,
    units,
    factors: { ...factors, linearization },
    name: 'x',
  }
}

describe('a raw value becomes a reading', () => {
  it.each([
    ['linear', 0, 4, 4],
    ['ln', 1, 4, Math.log(4)],
    ['log10', 2, 100, 2],
    ['log2', 3, 8, 3],
    ['e^x', 4, 2, Math.exp(2)],
    ['10^x', 5, 3, 1000],
    ['2^x', 6, 5, 32],
    ['1/x', 7, 4, 0.25],
    ['x^2', 8, 5, 25],
    ['x^3', 9, 3, 27],
    ['square root', 10, 81, 9],
    ['cube root', 11, 27, 3],
  ])('%s', (_name, linearization, raw, value) => {
    expect(convert(sensor(linearization), factors, raw)).toBeCloseTo(value, 9)
  })

  it.each([
    ['unsigned', 0, 0xff, 255],
    ['one’s complement', 1, 0xfe, -1],
    ['two’s complement', 2, 0xff, -1],
  ])('%s', (_name, format, raw, value) => {
    expect(convert(sensor(0, format), factors, raw)).toBe(value)
  })

  it('by M, B and their exponents', () => {
    const given = { ...factors, m: 25, b: -3, bExponent: 2, resultExponent: -2 }
    expect(convert(sensor(0), given, 40)).toBeCloseTo((25 * 40 - 300) / 100, 9)
  })
})

it('names units', () => {
  const unit = (base: number, modifier = 0, relation = 0, percent = false) =>
    unitName({ base, modifier, relation, percent })
  expect([unit(1), unit(18), unit(72, 23, 1), unit(4, 5, 2), unit(0, 0, 0, true)]).toEqual([
    'degrees C',
    'RPM',
    'megabyte/minute',
    'Volts * Amps',
    'percent',
  ])
})

/** A repository of two records, that sends at most some bytes at once and may be disturbed. */
function repository(most: number, disturbances: number) {
  const records = [Buffer.alloc(60, 7), Buffer.alloc(30, 9)]
  records.forEach((bytes, i) => bytes.set([i + 1, 0, 0x51, 1, bytes.length - 5]))
  let reservation = 0
  let left = disturbances
  const asked: number[] = []
  const bmc: Requester = {
    async request({ command, data }) {
      await Promise.resolve()
      if (command === 0x22) return Buffer.from([++reservation, 0])
      const [, , id = 0, , at = 0, count = 0] = data
      asked.push(count)
      const fail = (code: number) => new IpmiCompletionError(0x0a, command, code)
      if (at > 0 && left-- > 0) throw fail(0xc5)
      if (data[0] !== reservation) throw fail(0xc5)
      if (count > most) throw fail(0xca)
      const index = id === 0 ? 0 : id - 1
      const bytes = records[index]!
      const next = index === 0 ? [2, 0] : [0xff, 0xff]
      return Buffer.concat([Buffer.from(next), bytes.subarray(at, at + count)])
    },
  }
  return { bmc, records, asked }
}

describe('the SDR repository', () => {
  it.each([
    [255, 0],
    [16, 0],
    [9, 0],
    [255, 3],
  ])('is read in pieces of at most %i bytes, with %i disturbances', async (most, disturbances) => {
    const { bmc, records } = repository(most, disturbances)
    expect(await readSdrs(bmc, 'repository')).toEqual(records)
  })

  it('is given up when it changes all the time, and when it has no end', async () => {
    await expect(readSdrs(repository(255, 1000).bmc, 'repository')).rejects.toThrow('Reservation')
    const circle: Requester = {
      request: ({ command }) =>
        Promise.resolve(Buffer.from(command === 0x22 ? [1, 0] : [0, 0, 1, 0, 0x51, 1, 0])),
    }
    await expect(readSdrs(circle, 'repository')).rejects.toThrow('has no end')
  })
})
