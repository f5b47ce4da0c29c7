import type { Answer, Document } from '../client.js'
import { HttpFault } from '../errors.js'
import { linksOf } from '../json.js'
import { listOf, load, number, optional, raw, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { memberPaths } from './collection.js'
import type { Storage } from './storage.js'

const shape = {
  id: optional('Id', text),
  name: optional('Name', text),
  capacityBytes: optional('CapacityBytes', number),
  raidType: optional('RAIDType', text),
  volumeType: optional('VolumeType', text),
  drives: optional('Links/Drives', raw),
}
const collectionShape = {
  applyTimes: optional('@Redfish.OperationApplyTimeSupport/SupportedValues', listOf(text)),
}
/** A disk that a controller makes of drives (Volume). */
export type Volume = Loaded<typeof shape> & { readonly document: Document }

/** Volumes are made and deleted all the time, so each is read by itself. @throws BmcError */
export async function volumesOf(talk: Talk, storage: Storage): Promise<Volume[]> {
  if (storage.volumes === null) return []
  const found: Volume[] = []
  for (const path of await memberPaths(talk, storage.volumes)) {
    found.push(await readVolume(talk, path))
  }
  return found
}

/** @throws BmcError */
export async function readVolume(talk: Talk, path: string): Promise<Volume> {
  const document = await talk.get(path)
  return { ...load(shape, document), document }
}

/** The drives a volume lies on, where the service says. */
export const drivePathsOf = (volume: Volume): string[] => linksOf(volume.drives)

/** What services of before Volume 1.3.1 know instead of RAIDType; it does not tell all apart. */
const volumeTypes: Readonly<Record<string, string>> = {
  RAID0: 'NonRedundant',
  RAID1: 'Mirrored',
  RAID5: 'StripedWithParity',
  RAID10: 'SpannedMirrors',
  RAID50: 'SpannedStripesWithParity',
}
const fromVolumeType = new Map(Object.entries(volumeTypes).map(([raid, volume]) => [volume, raid]))

/** The RAIDType of a volume, be it by its older name; null: it is no RAID. */
export function raidTypeOf(volume: Pick<Volume, 'raidType' | 'volumeType'>): string | null {
  if (volume.raidType !== null) return volume.raidType === 'None' ? null : volume.raidType
  return fromVolumeType.get(volume.volumeType ?? '') ?? null
}

export interface NewVolume {
  /** As in the standard: `RAID10`. */
  readonly raidType: string
  /** Null: as large as can be. */
  readonly capacityBytes: number | null
  /** Paths. */
  readonly drives: readonly string[]
  readonly name: string | null
}
/** How a change of volumes began. */
export interface Begun {
  /** The task that goes on with it; null: it is done. */
  readonly monitor: string | null
  /** The machine has to be started anew for it. */
  readonly atReset: boolean
}

/** When the service does what it is asked: at once if it can (DSP0266, operation apply time). */
export async function applyTimeOf(talk: Talk, collection: string): Promise<string | null> {
  const { applyTimes } = load(collectionShape, await talk.get(collection))
  return ['Immediate', 'OnReset'].find((time) => applyTimes?.includes(time)) ?? null
}

const when = (applyTime: string | null): Readonly<Record<string, string>> =>
  applyTime === null ? {} : { '@Redfish.OperationApplyTime': applyTime }

/** @throws BmcError */
export async function createVolume(
  talk: Talk,
  collection: string,
  wanted: NewVolume,
): Promise<Begun> {
  const applyTime = await applyTimeOf(talk, collection)
  const common = {
    ...(wanted.capacityBytes === null ? {} : { CapacityBytes: wanted.capacityBytes }),
    Links: { Drives: wanted.drives.map((path) => ({ '@odata.id': path })) },
    ...(wanted.name === null ? {} : { Name: wanted.name }),
    ...when(applyTime),
  }
  try {
    return begun(await talk.post(collection, { RAIDType: wanted.raidType, ...common }), applyTime)
  } catch (error) {
    const older = volumeTypes[wanted.raidType]
    if (older === undefined || !wantsVolumeType(error)) throw error
    return begun(await talk.post(collection, { VolumeType: older, ...common }), applyTime)
  }
}

/** The first request was refused whole, so the second is no repetition. */
const wantsVolumeType = (error: unknown): boolean =>
  error instanceof HttpFault &&
  (error.isAbout(['PropertyUnknown'], 'RAIDType') ||
    error.isAbout(['PropertyMissing', 'CreateFailedMissingReqProperties'], 'VolumeType'))

/** @throws BmcError */
export async function deleteVolume(
  talk: Talk,
  volume: Volume,
  applyTime: string | null,
): Promise<Begun> {
  const { path } = volume.document
  try {
    return begun(
      await talk.delete(path, applyTime === null ? undefined : when(applyTime)),
      applyTime,
    )
  } catch (error) {
    // Seen with iDRACs: they offer apply times for volumes and refuse them on DELETE.
    const refused = error instanceof HttpFault && error.status >= 500 && error.says('SYS029')
    if (!refused || !error.says('OperationApplyTime')) throw error
    return begun(await talk.delete(path), null)
  }
}

const begun = (answer: Answer, applyTime: string | null): Begun => ({
  monitor: answer.monitor,
  atReset: answer.monitor !== null && applyTime !== 'Immediate',
})
