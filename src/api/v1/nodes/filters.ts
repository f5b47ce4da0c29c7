/** List filters to SQL (docs/reference/rest-api.md, 8.2). */
import { and, eq, inArray, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm'
import { faults, isState } from '../../../conductor/state/states.js'
import { nodes } from '../../../db/schema/index.js'
import { Invalid } from '../../../errors.js'
import { pyRepr } from '../../validation/python-repr.js'
import type { operations } from './contract.gen.js'

type Query<K extends keyof operations> = operations[K] extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : never
type Given = Query<'nodes.list'> & Query<'nodes.listDetail'>
/** Query arguments of any list of nodes. */
export type ListArguments = { readonly [K in keyof Given]?: Given[K] | undefined }

/** Columns a filter compares as they are. */
const exact = {
  instance_uuid: nodes.instanceUuid,
  maintenance: nodes.maintenance,
  retired: nodes.retired,
  provision_state: nodes.provisionState,
  driver: nodes.driver,
  resource_class: nodes.resourceClass,
  fault: nodes.fault,
  conductor_group: nodes.conductorGroup,
  owner: nodes.owner,
  lessee: nodes.lessee,
  instance_name: nodes.instanceName,
} as const

/** @throws Invalid 400 for a state or fault that does not exist */
export function checkFilterValues({ provision_state: state, fault }: ListArguments): void {
  if (state !== undefined && !isState(state)) {
    throw new Invalid(`Provision state "${state}" is not valid`)
  }
  const known: string[] = Object.values(faults)
  if (fault !== undefined && !known.includes(fault)) {
    throw new Invalid(
      `Unrecognized fault "${fault}" is specified, allowed faults are (${known.map(pyRepr).join(', ')})`,
    )
  }
}

/**
 * The condition of a list.
 * @param scope the project whose nodes are listed; undefined lists all
 * @param chassisId of the `chassis_uuid` filter
 */
export function conditionOf(
  args: ListArguments,
  scope: string | undefined,
  chassisId: number | undefined,
): SQL | undefined {
  const { description_contains: part, shard } = args
  // Who asks for children as well gets everybody's, as upstream has it.
  const parent = args.include_children === true ? undefined : args.parent_node
  return and(
    ...Object.entries(exact).map(([name, column]) => {
      const value = args[name as keyof typeof exact]
      return value === undefined ? undefined : eq(column, value)
    }),
    chassisId === undefined ? undefined : eq(nodes.chassisId, chassisId),
    presence(nodes.instanceUuid, args.associated),
    presence(nodes.shard, args.sharded),
    shard === undefined ? undefined : inArray(nodes.shard, shard),
    scope === undefined ? undefined : or(eq(nodes.owner, scope), eq(nodes.lessee, scope)),
    part === undefined ? undefined : sql`${nodes.description} ilike ${`%${part}%`} escape ''`,
    parent === undefined ? undefined : eq(nodes.parentNode, parent),
    parent === undefined && args.include_children !== true ? isNull(nodes.parentNode) : undefined,
  )
}

function presence(column: typeof nodes.shard | typeof nodes.instanceUuid, wanted?: boolean) {
  if (wanted === undefined) return undefined
  return wanted ? isNotNull(column) : isNull(column)
}
