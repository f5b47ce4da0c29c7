import { buildConfigDrive } from '../../images/configdrive/build.js'
import { decodeConfigDrive, encodeConfigDrive } from '../../images/configdrive/encode.js'
import { InvalidParameterValue } from '../../errors.js'
import type { Task } from '../task.js'

/**
 * The instance's config drive as agents take it: a URL, or a gzipped ISO in base64, which is built
 * here where the user gave its parts.
 * @returns null when the instance has none
 * @throws InvalidParameterValue for one that cannot be built
 */
export async function instanceConfigDrive({ node }: Task): Promise<string | null> {
  const drive = node.instanceInfo?.['configdrive']
  if (drive === undefined || drive === null || drive === '') return null
  if (typeof drive === 'string') return drive
  if (typeof drive !== 'object' || Array.isArray(drive)) {
    throw new InvalidParameterValue(`The config drive of node ${node.uuid} is of no known form.`)
  }
  return await encodeConfigDrive(buildConfigDrive(drive, node))
}

/**
 * The same as the bytes of the disc, for who writes it to a disk.
 * @throws InvalidParameterValue when it cannot be had, is malformed or too large
 */
export async function instanceConfigDriveIso(task: Task): Promise<Buffer | null> {
  const drive = await instanceConfigDrive(task)
  return drive === null ? null : await decodeConfigDrive(task.ctx, drive, task.signal)
}
