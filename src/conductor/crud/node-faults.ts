/** Texts of writes to the nodes table (docs/reference/objects.md, Node). */
import { Conflict, databaseFault, Invalid } from '../../errors.js'
import type { NodeUpdate } from '../../db/rows.js'

/**
 * What a client is told of a write that met another node.
 * @returns the error to throw: a Conflict 409 for a duplicate, else what was thrown
 */
export function asNodeFault(thrown: unknown, uuid: string, values: NodeUpdate): unknown {
  const fault = databaseFault(thrown)
  if (fault?.code !== '23505') return thrown
  switch (fault.constraint) {
    case 'uniq_nodes0name':
      return new Conflict(`A node with name ${values.name ?? ''} already exists.`)
    case 'uniq_nodes0instance_uuid':
      return new Conflict(
        `Instance ${values.instanceUuid ?? ''} is already associated with a node, it cannot be associated with this other node ${uuid}`,
      )
    default:
      return new Conflict(`A node with UUID ${uuid} already exists.`)
  }
}

/**
 * Sizes in `properties` are counted with, so they must be numbers.
 * @throws Invalid 400 naming those that are not non-negative integers
 */
export function checkProperties(
  uuid: string,
  properties: Readonly<Record<string, unknown>> | null | undefined,
): void {
  const bad = ['local_gb', 'memory_mb'].filter((name) => !isSize(properties?.[name]))
  if (bad.length === 0) return
  const values = bad.map((name) => `${name}=${pyText(properties?.[name])}`).join(', ')
  throw new Invalid(
    `The following properties for node ${uuid} should be non-negative integers, but provided values are: ${values}`,
  )
}

/** Absent, or what Python's `int` makes a non-negative number of. */
function isSize(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && Math.trunc(value) >= 0
  if (typeof value === 'boolean') return true
  return typeof value === 'string' && /^\s*[+]?\d+\s*$/.test(value)
}

/** As Python's `%s`; objects and lists as JSON. */
function pyText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
