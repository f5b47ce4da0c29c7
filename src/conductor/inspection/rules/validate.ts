import { Invalid } from '../../../errors.js'
import { namedArgs, parseOperator } from './args.js'
import { actionSpecs, conditionSpecs, isAction, isCondition } from './operations.js'

/** A condition or action as clients write it. */
export interface RuleStep {
  readonly op: string
  readonly args: unknown
  readonly loop?: unknown
  readonly multiple?: string
}

export interface RuleDocument {
  readonly phase?: string | null
  readonly priority?: number
  readonly conditions?: readonly RuleStep[]
  readonly actions: readonly RuleStep[]
}

/**
 * Checks what a schema does not see.
 * @param builtIn rules of the operator's file may have any priority
 * @throws Invalid 400 naming everything that is wrong
 */
export function validateRule(rule: RuleDocument, builtIn = false): void {
  const { phase = 'main', priority = 0, conditions = [], actions } = rule
  const errors: string[] = []
  if (phase !== 'main') errors.push(`Invalid phase: ${phase ?? 'None'}. Valid phases are: main`)
  if (!builtIn && priority < 0) {
    errors.push('Priority cannot be negative for user-defined rules.')
  }
  if (!builtIn && priority > 9999) {
    errors.push('Priority must be between 0 and 9999 for user-defined rules.')
  }
  for (const { op, args } of conditions) {
    const { name } = parseOperator(op)
    if (isCondition(name)) namedArgs(name, conditionSpecs[name], args)
    else errors.push(`Unsupported condition operator: ${name}`)
  }
  for (const { op, args } of actions) {
    if (isAction(op)) namedArgs(op, actionSpecs[op], args)
    else errors.push(`Unsupported action operator: ${op}`)
  }
  if (errors.length === 0) return
  throw new Invalid(
    errors.length === 1
      ? (errors[0] ?? '')
      : `Multiple validation errors occurred: ${errors.join('; ')}`,
  )
}
