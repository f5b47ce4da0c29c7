import { knownGroups, knownOptions } from './known-options.js'
import { optionGroups } from './options/index.js'
import { describeOrigin } from './sources.js'
import type { Assignment } from './sources.js'

function isKnown({ group, name }: Assignment): boolean {
  if (
    knownGroups.some((known) =>
      known.endsWith('*') ? group.startsWith(known.slice(0, -1)) : group === known,
    )
  ) {
    return true
  }
  return knownOptions[group]?.split(' ').includes(name) ?? false
}

/** Other programs' `OS_A__B` variables are none of Ferric's business. */
function concernsUs(assignment: Assignment): boolean {
  if (assignment.origin.kind !== 'environment') return true
  return assignment.group in optionGroups || isKnown(assignment)
}

function name(assignments: readonly Assignment[]): string {
  return assignments.map((a) => `[${a.group}] ${a.name} (${describeOrigin(a.origin)})`).join(', ')
}

/**
 * The one warning about options that have no effect, naming them and what to do.
 * @returns one text, or none when every option was used
 */
export function unusedWarning(unused: readonly Assignment[]): string[] {
  const ours = unused.filter(concernsUs)
  const known = ours.filter(isKnown)
  const unknown = ours.filter((assignment) => !isKnown(assignment))
  const parts = [
    known.length > 0 && `known to Ironic, not supported by Ferric: ${name(known)}`,
    unknown.length > 0 && `unknown, check the spelling: ${name(unknown)}`,
  ].filter((part) => part !== false)
  if (parts.length === 0) return []
  return [`Some options have no effect. ${parts.join('; ')}. Remove them to silence this.`]
}
