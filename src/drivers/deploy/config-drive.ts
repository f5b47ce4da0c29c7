import { buildConfigDrive } from '../../images/configdrive/build.js'
import type { ConfigDriveParts } from '../../images/configdrive/build.js'
import { decodeConfigDrive, encodeConfigDrive } from '../../images/configdrive/encode.js'
import type { Task } from '../task.js'

/**
 * The instance's config drive as agents take it: a URL, or a gzipped ISO in base64.
 * @returns null when the instance has none
 * @throws InvalidParameterValue for one that is too large
 */
export async function instanceConfigDrive(task: Task): Promise<string | null> {
  const drive = task.node.instanceInfo?.['configdrive']
  if (isNothing(drive)) return null
  return typeof drive === 'string' ? drive : encodeConfigDrive(built(task, drive))
}

/**
 * The same as the bytes of the disc, for who writes it to a disk.
 * @throws InvalidParameterValue when it cannot be had, is malformed or too large
 */
export async function instanceConfigDriveIso(task: Task): Promise<Buffer | null> {
  const drive = task.node.instanceInfo?.['configdrive']
  if (isNothing(drive)) return null
  return typeof drive === 'string'
    ? decodeConfigDrive(task.ctx, drive, task.signal)
    : built(task, drive)
}

const isNothing = (drive: unknown): boolean => drive === undefined || drive === null || drive === ''

const built = ({ node }: Task, drive: unknown): Buffer =>
  buildConfigDrive(drive as ConfigDriveParts, { uuid: node.uuid, name: node.name })
