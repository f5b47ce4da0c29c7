import { errorText } from '../../../error-text.js'
import { databaseFault, fromUnknown } from '../../../errors.js'

/** A rule that cannot be checked or applied: the inspection fails with its text. */
export class RuleFailed extends Error {
  override readonly name = 'RuleFailed'

  static condition(reason: string): RuleFailed {
    return new RuleFailed(`Inspection rule condition check failed. Reason: ${reason}`)
  }
  static action(reason: string): RuleFailed {
    return new RuleFailed(`Inspection rule action execution failed. Reason: ${reason}`)
  }
}

/** What went wrong, in words for a person: never a statement of the database. */
export function reasonOf(error: unknown): string {
  const fault = databaseFault(error)
  if (fault === null) return errorText(error)
  return fault.code === '23505' ? 'another has it already' : fromUnknown(error).message
}
