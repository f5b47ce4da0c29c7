import { databaseFault, fromUnknown } from '../../../errors.js'
import { errorText } from '../../text.js'

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
export const reasonOf = (error: unknown): string =>
  databaseFault(error) === null ? errorText(error) : fromUnknown(error).message
