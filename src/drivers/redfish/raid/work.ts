import type { JsonObject } from '../../../db/columns.js'
import { samePath } from '../../../protocols/redfish/paths.js'
import { memberPaths } from '../../../protocols/redfish/resources/collection.js'
import {
  applyTimeOf,
  createVolume,
  deleteVolume,
  drivePathsOf,
  readVolume,
  type Begun,
  type Volume,
} from '../../../protocols/redfish/resources/volume.js'
import { dropInfo, infoOf, setInfo, type InfoHolder } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { RedfishError } from '../errors.js'
import { arraysOf, raidVolumes, type DiskArray } from './arrays.js'
import type { PlannedVolume } from './plan.js'

/**
 * Changing volumes, which BMCs do in tasks of their own, often one at a time for each controller and
 * only when the machine starts. What is asked for and what is under way stands in
 * `driver_internal_info`, is written down before the BMC hears of it, and is gone on with from there.
 */

const key = 'raid_configs'

export interface RaidWork {
  readonly operation: 'create' | 'delete'
  /** Volumes still to be asked for; of a deletion: nothing, the BMC shows what is left. */
  readonly pending: readonly PlannedVolume[]
  /** Tasks under way. */
  readonly task_monitor_uri: readonly string[]
  /** Volumes that need not be made, or were deleted: paths. */
  readonly known: readonly string[]
  /** The machine has to be started anew, and was not yet. */
  readonly restart: boolean
  /** Arguments of the creation that follows a deletion. */
  readonly then: JsonObject | null
}

export const workOf = ({ driverInternalInfo }: Readonly<InfoHolder>): RaidWork | null =>
  (driverInternalInfo?.[key] as RaidWork | undefined) ?? null
export const clearWork = (task: Task): void => dropInfo(task.node, [key])

/** Writes down what is going on. */
export async function keepWork(task: Task, change: Partial<RaidWork>): Promise<void> {
  const before = infoOf(task.node)[key] as RaidWork | undefined
  setInfo(task.node, { [key]: { ...before, ...change } })
  await task.save()
}

const idle: Omit<RaidWork, 'operation' | 'then'> = {
  pending: [],
  task_monitor_uri: [],
  known: [],
  restart: false,
}

/** Begins to delete all volumes. @param then arguments of the creation that follows, if any */
export async function beginDeletion(task: Task, then: JsonObject | null): Promise<void> {
  await keepWork(task, { ...idle, operation: 'delete', then })
}

/** Begins to make volumes. @param there those there are */
export async function beginCreation(
  task: Task,
  pending: readonly PlannedVolume[],
  there: readonly Volume[],
): Promise<void> {
  const known = there.map((volume) => volume.document.path)
  await keepWork(task, { ...idle, operation: 'create', pending, known, then: null })
}

/**
 * Asks the BMC for as much as it takes now.
 * @returns whether all is done: nothing is left, nothing under way
 * @throws RedfishError, RedfishConnectionError
 */
export async function submit(task: Task): Promise<boolean> {
  const round = workOf(task.node)?.operation === 'delete' ? deleteRound : createRound
  await withBmc(task, round)
  const work = workOf(task.node)
  return work === null || (work.pending.length === 0 && work.task_monitor_uri.length === 0)
}

async function noteBegun(task: Task, begun: Begun): Promise<void> {
  const work = workOf(task.node)
  if (work === null || begun.monitor === null) return
  await keepWork(task, {
    task_monitor_uri: [...work.task_monitor_uri, begun.monitor],
    restart: work.restart || begun.atReset,
  })
}

async function deleteRound(bmc: Bmc): Promise<void> {
  for (const array of await arraysOf(bmc)) {
    const volumes = raidVolumes(array)
    if (volumes.length === 0) continue
    const applyTime = await applyTimeOf(bmc.talk, array.collection)
    for (const volume of volumes) {
      const begun = await deleteOnce(bmc, volume, applyTime)
      // Such controllers take one change at a time.
      if (begun.atReset) break
    }
  }
}

async function deleteOnce(bmc: Bmc, volume: Volume, applyTime: string | null): Promise<Begun> {
  const { path } = volume.document
  const known = workOf(bmc.task.node)?.known ?? []
  if (known.includes(path)) {
    throw new RedfishError(`The volume ${path} is still there after it was deleted.`)
  }
  const begun = await deleteVolume(bmc.talk, volume, applyTime)
  await keepWork(bmc.task, { known: [...known, path] })
  await noteBegun(bmc.task, begun)
  return begun
}

async function createRound(bmc: Bmc): Promise<void> {
  const busy = new Set<string>()
  for (const planned of workOf(bmc.task.node)?.pending ?? []) {
    if (busy.has(planned.volumes)) continue
    const begun = await createOnce(bmc, planned)
    if (begun.monitor !== null) busy.add(planned.volumes)
  }
}

/** Makes a volume unless it was made by a process that died before it could say so. */
async function createOnce(bmc: Bmc, planned: PlannedVolume): Promise<Begun> {
  const { task, talk } = bmc
  const { sizeBytes: capacityBytes, raidType, drives, name } = planned
  const wanted = { raidType, capacityBytes, drives, name }
  const begun = (await isMade(bmc, planned))
    ? { monitor: null, atReset: false }
    : await createVolume(talk, planned.volumes, wanted)
  const { pending, known } = workOf(task.node) ?? idle
  const there = begun.monitor === null ? await memberPaths(talk, planned.volumes) : []
  await keepWork(task, {
    pending: pending.toSpliced(pending.indexOf(planned), 1),
    known: [...new Set([...known, ...there])],
  })
  await noteBegun(task, begun)
  return begun
}

async function isMade({ talk, task }: Bmc, planned: PlannedVolume): Promise<boolean> {
  const known = workOf(task.node)?.known ?? []
  const paths = await memberPaths(talk, planned.volumes)
  for (const path of paths.filter((p) => !known.some((other) => samePath(other, p)))) {
    if (looksLike(await readVolume(talk, path), planned)) return true
  }
  return false
}

function looksLike(volume: Volume, planned: PlannedVolume): boolean {
  const drives = drivePathsOf(volume)
  const named = planned.name === null || volume.name === planned.name
  const placed =
    drives.length === planned.drives.length &&
    planned.drives.every((path) => drives.some((other) => samePath(other, path)))
  return named && (drives.length === 0 || placed)
}

/** The tasks are over: the volumes there are now are not those that are still to be made. */
export async function noteEnd(task: Task, arrays: readonly DiskArray[]): Promise<void> {
  const there = arrays.flatMap((array) => array.volumes.map((v) => v.document.path))
  const work = workOf(task.node)
  const known = work?.operation === 'create' ? there : (work?.known ?? [])
  await keepWork(task, { task_monitor_uri: [], known })
}
