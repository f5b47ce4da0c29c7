import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { pythonRepr } from '../../../python/repr.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'
import { withBmc } from '../bmc.js'
import { arraysOf, plannableDrives } from './arrays.js'
import { planVolumes, type PlanDrive, type Wanted } from './plan.js'
import { beginCreation } from './work.js'

const GIB = 1024 ** 3

/**
 * Plans the logical disks of `target_raid_config` that the arguments of a step ask for, and begins
 * to make them.
 * @throws MissingParameterValue, InvalidParameterValue, RedfishError, RedfishConnectionError
 */
export async function beginCreationOf(task: Task, args: JsonObject): Promise<void> {
  const target = logicalDisksOf(task)
  const asked = target.filter((disk) => isAsked(disk, args))
  const kept = target.filter((disk) => !asked.includes(disk)).flatMap(ownDrives)
  const { planned, there } = await withBmc(task, async (bmc) => {
    const arrays = await arraysOf(bmc)
    const drives = await plannableDrives(bmc, arrays)
    const free = drives.map((drive) =>
      kept.some(isSame(drive)) ? { ...drive, used: true } : drive,
    )
    return {
      planned: planVolumes(asked.map(toWanted), free),
      there: arrays.flatMap((array) => array.volumes),
    }
  })
  await beginCreation(task, planned, there)
}

/** @throws MissingParameterValue, InvalidParameterValue */
export function logicalDisksOf({ node }: Task): JsonObject[] {
  const { uuid, targetRaidConfig } = node
  const disks: unknown = targetRaidConfig?.['logical_disks']
  if (!isTruthy(targetRaidConfig) || !Array.isArray(disks)) {
    throw new MissingParameterValue(`Node ${uuid} has no target RAID configuration.`)
  }
  for (const disk of disks as JsonObject[]) {
    if (disk['size_gb'] !== 'MAX' || disk['physical_disks'] !== undefined) continue
    throw new InvalidParameterValue(
      `create_configuration called with invalid target_raid_configuration for node ${uuid}. 'physical_disks' is missing from logical_disk while 'size_gb'='MAX' was requested: ${pythonRepr(disk)}`,
    )
  }
  return disks as JsonObject[]
}

const isAsked = (disk: JsonObject, args: JsonObject): boolean =>
  isTruthy(args[disk['is_root_volume'] === true ? 'create_root_volume' : 'create_nonroot_volumes'])

interface Named {
  readonly controller: string | null
  readonly id: string
}
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Drives that a logical disk of another run of the step names for itself. */
function ownDrives(disk: JsonObject): Named[] {
  if (disk['share_physical_disks'] === true) return []
  return (drivesOf(disk) ?? []).map((id) => ({ controller: text(disk['controller']), id }))
}
const isSame =
  (drive: PlanDrive) =>
  ({ controller, id }: Named): boolean =>
    drive.id === id && (controller === null || drive.controller === controller)

/** @throws InvalidParameterValue: hints are for software RAID */
function drivesOf(disk: JsonObject): string[] | null {
  const drives: unknown = disk['physical_disks']
  if (!Array.isArray(drives)) return null
  if (drives.every((drive) => typeof drive === 'string')) return drives
  throw new InvalidParameterValue(
    'Redfish RAID takes the physical_disks of a logical disk by their ids, not by hints',
  )
}

function toWanted(disk: JsonObject): Wanted {
  const count = disk['number_of_physical_disks']
  return {
    raidLevel: String(disk['raid_level']),
    sizeBytes: disk['size_gb'] === 'MAX' ? 'MAX' : Number(disk['size_gb']) * GIB,
    name: text(disk['volume_name']),
    shares: disk['share_physical_disks'] === true,
    diskType: text(disk['disk_type']),
    interfaceType: text(disk['interface_type']),
    count: typeof count === 'number' ? count : null,
    controller: text(disk['controller']),
    drives: drivesOf(disk),
  }
}
