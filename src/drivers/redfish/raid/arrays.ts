import type { JsonObject } from '../../../db/columns.js'
import {
  controllersOf,
  drivesOf,
  storagesOf,
  type Drive,
  type Storage,
} from '../../../protocols/redfish/resources/storage.js'
import {
  drivePathsOf,
  raidTypeOf,
  volumesOf,
  type Volume,
} from '../../../protocols/redfish/resources/volume.js'
import { samePath } from '../../../protocols/redfish/paths.js'
import type { Bmc } from '../bmc.js'
import { orNothing } from '../inspect/inventory.js'
import { levelName } from './levels.js'
import type { PlanDrive } from './plan.js'

const GIB = 1024 ** 3

/** A controller with the collection of what it makes. */
export interface DiskArray {
  readonly storage: Storage
  readonly id: string
  readonly collection: string
  readonly volumes: readonly Volume[]
}

/** Controllers that have volumes at all. @throws BmcError */
export async function arraysOf(bmc: Bmc): Promise<DiskArray[]> {
  const found: DiskArray[] = []
  for (const storage of await storagesOf(bmc.talk, await bmc.system())) {
    const { id, volumes: collection } = storage
    if (collection === null || id === null) continue
    found.push({ storage, id, collection, volumes: await volumesOf(bmc.talk, storage) })
  }
  return found
}

/** Volumes that are RAID; others are drives by themselves. */
export const raidVolumes = (array: DiskArray): Volume[] =>
  array.volumes.filter((volume) => raidTypeOf(volume) !== null)

/** The drives volumes can be made of. @throws BmcError */
export async function plannableDrives(
  bmc: Bmc,
  arrays: readonly DiskArray[],
): Promise<PlanDrive[]> {
  const found: PlanDrive[] = []
  for (const array of arrays) {
    if (await makesNoRaid(bmc, array)) continue
    const used = raidVolumes(array).flatMap(drivePathsOf)
    const drives = await drivesOf(bmc.talk, array.storage)
    found.push(...drives.flatMap((drive) => plannable(array, drive, used)))
  }
  return found
}

/** An empty list of RAID types says that the controller makes none; no list at all says nothing. */
async function makesNoRaid(bmc: Bmc, { storage }: DiskArray): Promise<boolean> {
  const [first] = await orNothing(bmc, 'controllers', () => controllersOf(bmc.talk, storage), [])
  return first?.raidTypes?.length === 0
}

function plannable(array: DiskArray, drive: Drive, used: readonly string[]): PlanDrive[] {
  const { id, capacityBytes, mediaType, protocol, document } = drive
  if (id === null || capacityBytes === null || drive.state === 'Absent') return []
  const { path } = document
  const taken = used.some((other) => samePath(other, path))
  const place = { controller: array.id, volumes: array.collection }
  return [{ id, path, ...place, capacityBytes, mediaType, protocol, used: taken }]
}

/** What there is now, as `raid_config` shows it; volumes of no level that Ironic knows are left out. */
export function logicalDisks(arrays: readonly DiskArray[]): JsonObject[] {
  return arrays.flatMap((array) =>
    raidVolumes(array).flatMap((volume) => {
      const level = levelName(raidTypeOf(volume) ?? '')
      const { id, name, capacityBytes } = volume
      const size = Math.trunc((capacityBytes ?? 0) / GIB)
      const disk = { id, name, controller: array.id, size_gb: size, raid_level: level }
      return level === null ? [] : [disk]
    }),
  )
}
