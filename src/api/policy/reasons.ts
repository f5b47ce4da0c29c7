/** Says why a check holds or does not. */
import type { Check } from './language.js'
import type { CheckScope } from './scope.js'

/** One part of a check and whether it holds. */
export interface Reason {
  readonly held: boolean
  readonly depth: number
  readonly text: string
}

/**
 * The parts of a rule's check, outermost first; rules it names are opened too.
 * @param checkOf the check of a rule, or null when there is no such rule
 */
export function reasonsOf(
  checkOf: (rule: string) => Check | null,
  scope: CheckScope,
  rule: string,
): Reason[] {
  const walk = (check: Check, depth: number, open: readonly string[]): Reason[] => {
    const here = { held: check(scope), depth, text: check.text }
    const named = check.names === null || open.includes(check.names) ? null : checkOf(check.names)
    const inside = named === null ? check.parts : [named]
    const opened = check.names === null ? open : [...open, check.names]
    return [here, ...inside.flatMap((part) => walk(part, depth + 1, opened))]
  }
  const check = checkOf(rule)
  return check === null ? [] : walk(check, 0, [rule])
}
