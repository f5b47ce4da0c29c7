/** A rule that cannot be checked or applied: the inspection fails with its text. */
export class RuleFailed extends Error {
  override readonly name = 'RuleFailed'

  static rule(reason: string): RuleFailed {
    return new RuleFailed(`Inspection rule execution failed. Reason: ${reason}`)
  }
  static condition(reason: string): RuleFailed {
    return new RuleFailed(`Inspection rule condition check failed. Reason: ${reason}`)
  }
  static action(reason: string): RuleFailed {
    return new RuleFailed(`Inspection rule action execution failed. Reason: ${reason}`)
  }
}
