import { InvalidParameterValue } from '../../errors.js'
import type { Task } from '../../drivers/interfaces.js'
import { isTruthy } from '../../drivers/driver-info/fields.js'

/**
 * Checks that the traits of the instance are traits of the node.
 * @throws InvalidParameterValue (`conductor/utils.py`, validate_instance_info_traits)
 */
export async function validateInstanceTraits(task: Task): Promise<void> {
  const wanted = task.node.instanceInfo?.['traits']
  if (!isTruthy(wanted)) return
  const { uuid } = task.node
  if (!isStrings(wanted)) {
    throw new InvalidParameterValue(
      `Error parsing traits from Node ${uuid} instance_info field. A list of strings is expected.`,
    )
  }
  const own = new Set(await task.traits())
  const missing = wanted.filter((trait) => !own.has(trait))
  if (missing.length === 0) return
  throw new InvalidParameterValue(
    `Cannot specify instance traits that are not also set on the node. Node ${uuid} is missing traits ${missing.join(', ')}`,
  )
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
