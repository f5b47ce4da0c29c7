import { RedfishError } from '../errors.js'
import { driveCounts, levelOf, redundant } from './levels.js'

/** A drive that volumes can be made of. */
export interface PlanDrive {
  readonly id: string
  readonly path: string
  /** Id of its storage, as `controller` names it. */
  readonly controller: string
  /** The collection its volumes are in. */
  readonly volumes: string
  readonly capacityBytes: number
  readonly mediaType: string | null
  readonly protocol: string | null
  /** A volume lies on it already: it is taken only when it is named. */
  readonly used: boolean
}
/** A logical disk that is asked for. */
export interface Wanted {
  readonly raidLevel: string
  readonly sizeBytes: number | 'MAX'
  readonly name: string | null
  readonly shares: boolean
  readonly diskType: string | null
  readonly interfaceType: string | null
  readonly count: number | null
  readonly controller: string | null
  /** Ids; null: any that fit. */
  readonly drives: readonly string[] | null
}
/** A volume to be made; kept in `driver_internal_info` until it is. */
export interface PlannedVolume {
  readonly controller: string
  readonly volumes: string
  readonly raidType: string
  /** Null: as large as can be. */
  readonly sizeBytes: number | null
  readonly name: string | null
  /** Paths. */
  readonly drives: readonly string[]
}

type Free = ReadonlyMap<PlanDrive, number>
interface Choice {
  readonly free: Free
  readonly volumes: readonly PlannedVolume[]
}
interface Placed {
  readonly wanted: Wanted
  readonly drives: readonly PlanDrive[]
}

/** Controllers give out space in stripes of this size. */
const STRIPE = 64 * 1024 * 1024

/**
 * Chooses the drives of all logical disks: those whose drives are named first (the exact sizes
 * before the rest of the space), then for each other one as few drives as will do, all of one kind
 * on one controller (`drivers/modules/redfish/raid.py`, _find_configuration).
 * @throws RedfishError when they cannot all be made
 */
export function planVolumes(
  wanted: readonly Wanted[],
  drives: readonly PlanDrive[],
): PlannedVolume[] {
  const named = wanted.filter((w) => w.drives !== null).map((w) => placed(w, drives))
  const exact = named.filter(({ wanted: w }) => w.sizeBytes !== 'MAX')
  const rest = named.filter(({ wanted: w }) => w.sizeBytes === 'MAX')
  const full: Free = new Map(drives.map((drive) => [drive, drive.capacityBytes]))
  const begun = allocateAll({ free: full, volumes: [] }, exact)
  const open = wanted.filter((w) => w.drives === null)
  const chosen = search(begun, open, drives, named)
  return [...allocateAll(chosen, rest).volumes]
}

/** The drives a logical disk names. */
function placed(wanted: Wanted, drives: readonly PlanDrive[]): Placed {
  const own = drives.filter((d) => wanted.controller === null || d.controller === wanted.controller)
  const found = own.filter((d) => wanted.drives?.includes(d.id))
  const missing = wanted.drives?.filter((id) => !found.some((d) => d.id === id)) ?? []
  if (missing.length === 0) return { wanted, drives: found }
  throw new RedfishError(
    `Physical disks ${missing.join(', ')} of controller ${wanted.controller ?? 'any'} are not there. There are: ${own.map((d) => d.id).join(', ')}`,
  )
}

/**
 * Drives that were named for one disk alone are no choice for others; those whose rest of space is
 * to be shared are the last choice.
 */
function search(
  begun: Choice,
  open: readonly Wanted[],
  drives: readonly PlanDrive[],
  named: readonly Placed[],
): Choice {
  const exclusive = new Set(named.flatMap((n) => (n.wanted.shares ? [] : n.drives)))
  const reserved = new Set(
    named.flatMap((n) => (n.wanted.shares && n.wanted.sizeBytes === 'MAX' ? n.drives : [])),
  )
  const all = drives.filter((drive) => !drive.used && !exclusive.has(drive))
  const unreserved = all.filter((drive) => !reserved.has(drive))
  const found = assign(begun, open, byKind(unreserved)) ?? assign(begun, open, byKind(all))
  if (found !== null) return found
  throw new RedfishError('failed to find matching physical disks for all logical disks')
}

const kindOf = (d: PlanDrive): string =>
  JSON.stringify([d.controller, d.mediaType, d.protocol, d.capacityBytes])

function byKind(drives: readonly PlanDrive[]): PlanDrive[][] {
  const kinds = new Set(drives.map(kindOf))
  return [...kinds].map((kind) => drives.filter((drive) => kindOf(drive) === kind))
}

/** Tries drives for the first of the disks, and goes on with the others; null: there is no way. */
function assign(from: Choice, open: readonly Wanted[], kinds: PlanDrive[][]): Choice | null {
  const [first, ...others] = open
  if (first === undefined) return from
  for (const kind of kinds) {
    for (const drives of candidates(first, kind, from.free)) {
      const next = tried(from, { wanted: first, drives })
      const all = next === null ? null : assign(next, others, kinds)
      if (all !== null) return all
    }
  }
  return null
}

function candidates(wanted: Wanted, kind: readonly PlanDrive[], free: Free): PlanDrive[][] {
  const space = (drive: PlanDrive): number => free.get(drive) ?? 0
  const fitting = kind
    .filter((drive) => fits(wanted, drive) && space(drive) > 0)
    .filter((drive) => wanted.shares || space(drive) === drive.capacityBytes)
    .toSorted((a, b) => space(a) - space(b))
  const counts = driveCounts(levelOf(wanted.raidLevel), fitting.length)
  return counts
    .filter((count) => wanted.count === null || wanted.count === count)
    .map((count) => fitting.slice(0, count))
}

const same = (wanted: string | null, has: string | null): boolean =>
  wanted === null || wanted.toLowerCase() === has?.toLowerCase()

const fits = (wanted: Wanted, drive: PlanDrive): boolean =>
  same(wanted.diskType, drive.mediaType) &&
  same(wanted.interfaceType, drive.protocol) &&
  (wanted.controller === null || wanted.controller === drive.controller)

function tried(from: Choice, one: Placed): Choice | null {
  try {
    return allocate(from, one)
  } catch (error) {
    if (error instanceof RedfishError) return null
    throw error
  }
}

const allocateAll = (from: Choice, all: readonly Placed[]): Choice => all.reduce(allocate, from)

/** Takes the space of one disk from its drives. @throws RedfishError when there is too little */
function allocate(from: Choice, { wanted, drives }: Placed): Choice {
  const lost = redundant(wanted.raidLevel, drives.length)
  const least = Math.min(...drives.map((drive) => from.free.get(drive) ?? 0))
  const most = Math.floor(least / STRIPE) * STRIPE * (drives.length - lost)
  const size = wanted.sizeBytes === 'MAX' ? most : wanted.sizeBytes
  if (wanted.sizeBytes === 'MAX' && most === 0) {
    throw new RedfishError("size set to 'MAX' but could not allocate physical disk space")
  }
  if (most < size) {
    throw new RedfishError(
      `The physical disk space (${most} bytes) is not enough for the size of the logical disk (${size} bytes)`,
    )
  }
  const each = Math.ceil(Math.ceil(size / STRIPE) / (drives.length - lost)) * STRIPE
  const free = new Map(from.free)
  for (const drive of drives) free.set(drive, (free.get(drive) ?? 0) - each)
  return { free, volumes: [...from.volumes, planned(wanted, drives)] }
}

function planned(wanted: Wanted, drives: readonly PlanDrive[]): PlannedVolume {
  const [first] = drives
  if (first === undefined || drives.some((drive) => drive.volumes !== first.volumes)) {
    throw new RedfishError('The physical disks of a logical disk must have the same controller')
  }
  return {
    controller: first.controller,
    volumes: first.volumes,
    raidType: levelOf(wanted.raidLevel).raidType,
    sizeBytes: wanted.sizeBytes === 'MAX' ? null : wanted.sizeBytes,
    name: wanted.name,
    drives: drives.map((drive) => drive.path),
  }
}
