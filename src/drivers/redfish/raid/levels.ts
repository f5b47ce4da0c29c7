import { RedfishError } from '../errors.js'

/** RAID levels: how many drives they take, and how many of those hold no data. */
interface Level {
  /** Redfish's name. */
  readonly raidType: string
  readonly least: number
  readonly most: number
  /** Drives lost to redundancy. */
  readonly overhead: number
  /** How many groups of drives `count` drives make; 1: the level has no groups. */
  readonly spans: (count: number) => number
  readonly spanned: boolean
}

const many = 1000
const simple = (raidType: string, least: number, most: number, overhead: number): Level => ({
  raidType,
  least,
  most,
  overhead,
  spans: () => 1,
  spanned: false,
})
const spanned = (of: Level, raidType: string, spans: Level['spans']): Level => ({
  ...of,
  raidType,
  spans,
  spanned: true,
})

const [raid0, raid1, raid5, raid6] = [
  simple('RAID0', 1, many, 0),
  simple('RAID1', 2, 2, 1),
  simple('RAID5', 3, many, 1),
  simple('RAID6', 4, many, 2),
]
const levels: ReadonlyMap<string, Level> = new Map([
  ['0', raid0],
  ['1', raid1],
  ['5', raid5],
  ['6', raid6],
  ['1+0', spanned(raid1, 'RAID10', (count) => count >> 1)],
  ['5+0', spanned(raid5, 'RAID50', () => 2)],
  ['6+0', spanned(raid6, 'RAID60', () => 2)],
])

/** @throws RedfishError for a level that Redfish cannot make */
export function levelOf(name: string): Level {
  const level = levels.get(name)
  if (level !== undefined) return level
  throw new RedfishError(
    `RAID level ${name} is not supported by the driver. Supported RAID levels: ${[...levels.keys()].join(', ')}`,
  )
}

/** Ironic's name of a RAIDType; null: it has none. */
export function levelName(raidType: string): string | null {
  return [...levels].find(([, level]) => level.raidType === raidType)?.[0] ?? null
}

/** The numbers of drives a level can be made of, the smallest first. */
export function driveCounts(level: Level, available: number): number[] {
  const spans = level.spans(available)
  const least = level.least * Math.min(2, spans)
  const most = Math.min(level.most * spans, available)
  const counts = Array.from({ length: Math.max(0, most - least + 1) }, (_, i) => least + i)
  return counts.filter((count) => !level.spanned || count % 2 === 0)
}

/**
 * Drives that hold no data when a level is made of `count`.
 * @throws RedfishError when it cannot be made of so many
 */
export function redundant(name: string, count: number): number {
  const level = levelOf(name)
  const spans = level.spans(count)
  if (spans === 0 || count % spans !== 0) {
    throw new RedfishError(
      `For RAID level ${name}, the number of physical disks provided (${count}) must be a multiple of the spans count (${spans})`,
    )
  }
  if (level.spanned && spans === 1) {
    throw new RedfishError('Spanned RAID volumes cannot contain a single span')
  }
  const lost = level.overhead * spans
  if (count > lost) return lost
  throw new RedfishError(
    `The number of physical drives (${count}) is too few for the required number of overhead drives (${lost})`,
  )
}
