import { InvalidParameterValue } from '../../errors.js'
import type { Task } from '../task.js'

/**
 * The instance's config drive as agents take it: a URL, or a gzipped ISO in base64.
 * @returns null when the instance has none
 * @throws InvalidParameterValue for one that would have to be built
 */
export async function instanceConfigDrive(task: Task): Promise<string | null> {
  await Promise.resolve()
  const drive = task.node.instanceInfo?.['configdrive']
  if (drive === undefined || drive === null || drive === '') return null
  if (typeof drive === 'string') return drive
  throw new InvalidParameterValue(
    `The config drive of node ${task.node.uuid} is given in parts, which is not supported yet.`,
  )
}
