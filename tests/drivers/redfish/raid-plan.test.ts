import { describe, expect, it } from 'vitest'
import { planVolumes, type PlanDrive, type Wanted } from '../../../src/drivers/redfish/raid/plan.js'

const GIB = 1024 ** 3
const drive = (id: string, more: Partial<PlanDrive> = {}): PlanDrive => ({
  id,
  path: `/Drives/${id}`,
  controller: 'A',
  volumes: '/A/Volumes',
  capacityBytes: 100 * GIB,
  mediaType: 'HDD',
  protocol: 'SAS',
  used: false,
  ...more,
})
const drives = (count: number, more: Partial<PlanDrive> = {}): PlanDrive[] =>
  Array.from({ length: count }, (_, i) => drive(`${more.controller ?? 'A'}${i + 1}`, more))
const wanted = (raidLevel: string, gib: number | 'MAX', more: Partial<Wanted> = {}): Wanted => ({
  raidLevel,
  sizeBytes: gib === 'MAX' ? gib : gib * GIB,
  name: null,
  shares: false,
  diskType: null,
  interfaceType: null,
  count: null,
  controller: null,
  drives: null,
  ...more,
})
/** Ids of the drives of each volume. */
const chosen = (asked: Wanted[], there: PlanDrive[]): string[][] =>
  planVolumes(asked, there).map((volume) => volume.drives.map((path) => path.slice(8)))

describe('drives for a volume', () => {
  it.each<[string, number, number, number]>([
    ['0', 90, 6, 1],
    ['0', 190, 6, 2],
    ['1', 90, 6, 2],
    ['5', 90, 6, 3],
    ['5', 290, 6, 4],
    ['6', 90, 6, 4],
    ['1+0', 190, 6, 4],
    ['1+0', 290, 6, 6],
    ['5+0', 390, 8, 6],
    ['6+0', 390, 8, 8],
  ])('RAID %s of %i GiB out of %i: %i', (level, gib, there, count) => {
    expect(chosen([wanted(level, gib)], drives(there))[0]).toHaveLength(count)
  })

  it('are of one kind, on one controller', () => {
    const mixed = [...drives(1), ...drives(2, { controller: 'B', volumes: '/B/Volumes' })]
    expect(chosen([wanted('1', 50)], mixed)).toEqual([['B1', 'B2']])
    const ssd = { controller: 'S', mediaType: 'SSD', protocol: 'SATA' }
    const both = [...drives(2), ...drives(2, ssd)]
    expect(chosen([wanted('1', 50, { diskType: 'ssd' })], both)).toEqual([['S1', 'S2']])
    expect(chosen([wanted('1', 50, { interfaceType: 'sas' })], both)).toEqual([['A1', 'A2']])
    expect(chosen([wanted('1', 50, { controller: 'S' })], both)).toEqual([['S1', 'S2']])
  })

  it('are as many as asked for', () => {
    expect(chosen([wanted('5', 50, { count: 5 })], drives(6))[0]).toHaveLength(5)
  })

  it('are not those a volume lies on, unless named', () => {
    const there = [drive('1', { used: true }), drive('2'), drive('3')]
    expect(chosen([wanted('1', 50)], there)).toEqual([['2', '3']])
    expect(chosen([wanted('1', 50, { drives: ['1', '2'] })], there)).toEqual([['1', '2']])
  })

  it('go to each volume alone, or are shared', () => {
    const two = [wanted('1', 40), wanted('1', 40)]
    expect(() => chosen(two, drives(3))).toThrow('failed to find matching physical disks')
    expect(chosen(two, drives(4))).toEqual([
      ['A1', 'A2'],
      ['A3', 'A4'],
    ])
    const shared = two.map((w) => ({ ...w, shares: true }))
    expect(chosen(shared, drives(2))).toEqual([
      ['A1', 'A2'],
      ['A1', 'A2'],
    ])
  })

  it('are chosen again when others of them leave too little for the rest', () => {
    const large = drives(2, { controller: 'L', volumes: '/L/Volumes', capacityBytes: 300 * GIB })
    const asked = [wanted('1', 50), wanted('1', 250)]
    expect(chosen(asked, [...large, ...drives(2)])).toEqual([
      ['A1', 'A2'],
      ['L1', 'L2'],
    ])
  })

  it('are all space of those named: the size is left to the controller', () => {
    const max = wanted('1', 'MAX', { drives: ['A1', 'A2'], controller: 'A' })
    expect(planVolumes([max], drives(4))).toEqual([
      {
        controller: 'A',
        volumes: '/A/Volumes',
        raidType: 'RAID1',
        sizeBytes: null,
        name: null,
        drives: ['/Drives/A1', '/Drives/A2'],
      },
    ])
    expect(chosen([max, wanted('1', 50)], drives(4))).toEqual([
      ['A3', 'A4'],
      ['A1', 'A2'],
    ])
  })
})

describe('what cannot be made', () => {
  const named = (...ids: string[]) => ({ drives: ids, controller: 'A' })
  it.each<[string, Wanted, string]>([
    [
      'no such level',
      wanted('JBOD', 1),
      'RAID level JBOD is not supported by the driver. Supported RAID levels: 0, 1, 5, 6, 1+0, 5+0, 6+0',
    ],
    [
      'no multiple of its spans',
      wanted('1+0', 1, named('A1', 'A2', 'A3', 'A4', 'A5')),
      'must be a multiple of the spans count (2)',
    ],
    ['a single span', wanted('1+0', 1, named('A1', 'A2')), 'cannot contain a single span'],
    ['too few drives', wanted('5', 1, named('A1')), '(1) is too few for the required number'],
    [
      'too large',
      wanted('1', 200, named('A1', 'A2')),
      'The physical disk space (107374182400 bytes) is not enough for the size of the logical disk (214748364800 bytes)',
    ],
    ['unknown drives', wanted('1', 1, named('A1', 'X')), 'Physical disks X of controller A'],
    ['nothing that fits', wanted('1', 1, { diskType: 'ssd' }), 'failed to find matching'],
  ])('says so: %s', (_scenario, asked, text) => {
    expect(() => planVolumes([asked], drives(6))).toThrow(text)
  })
})
