import { knownGroups, knownOptions } from './known-options.js'
import { removedOptions } from './removed.js'
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

const reasonOf = ({ group, name: option }: Assignment) => removedOptions[`${group}.${option}`]
const isRemoved = (assignment: Assignment) => reasonOf(assignment) !== undefined
const withReason = (assignment: Assignment) => `${name([assignment])}: ${reasonOf(assignment)}`

/**
 * The one warning about options that have no effect, naming them and what to do.
 * @returns one text, or none when every option was used
 */
export function unusedWarning(unused: readonly Assignment[]): string[] {
  const ours = unused.filter(concernsUs)
  const removed = ours.filter(isRemoved)
  const others = ours.filter((assignment) => !isRemoved(assignment))
  const known = others.filter(isKnown)
  const unknown = others.filter((assignment) => !isKnown(assignment))
  const parts = [
    known.length > 0 && `known to Ironic, not supported by Ferric: ${name(known)}`,
    removed.length > 0 && `removed from Ironic: ${removed.map(withReason).join(', ')}`,
    unknown.length > 0 && `unknown, check the spelling: ${name(unknown)}`,
  ].filter((part) => part !== false)
  if (parts.length === 0) return []
  return [`Some options have no effect. ${parts.join('; ')}. Remove them to silence this.`]
}
