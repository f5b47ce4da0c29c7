import { ringOf } from '../../../conductor/cluster/ring.js'
import type { AppContext } from '../../../context.js'
import type { PolicyTarget } from '../../policy/types.js'
import type { ApiRequest } from '../../request.js'
import { selectFields, serializer, type FieldMakers, type Selection } from '../../serialize.js'
import type { Schema } from '../../validation/json-schema.js'
import type { Contract } from '../../contract/load.js'
import { covers, versionRange } from '../../contract/versions.js'
import { nodeTarget } from './access.js'
import { fieldOf, selectionFor, type NodeEnv, type NodeView } from './fields.js'

/** What to select for an answer. */
export function columnsFor<O>(
  { contract, minor }: ApiRequest<O>,
  selection: Selection,
): ReturnType<typeof selectionFor> {
  const names = selectFields(contract, 'Node', minor, selection)
  return remembered(columnsOf, names, selectionFor)
}

/** By list of names; those of a version without `fields` are one and the same list each time. */
const columnsOf = new WeakMap<readonly string[], ReturnType<typeof selectionFor>>()
const makersOf = new WeakMap<readonly string[], FieldMakers<NodeView, NodeEnv>>()
const namesOfStates = new WeakMap<Contract, Map<number, ReadonlyMap<string, string | null>>>()

function remembered<T>(
  table: WeakMap<readonly string[], T>,
  names: readonly string[],
  make: (names: readonly string[]) => T,
): T {
  const known = table.get(names) ?? make(names)
  table.set(names, known)
  return known
}

const makersFor = (names: readonly string[]): FieldMakers<NodeView, NodeEnv> =>
  Object.fromEntries(names.map((name) => [name, fieldOf(name).make]))

export interface NodeAnswer {
  readonly json: (node: NodeView) => Record<string, unknown>
  readonly hostOf: NodeEnv['hostOf']
}

/**
 * How the nodes of one answer are shown: what depends on the version, on the caller and
 * on the conductors is found out once.
 * @param target of the one node the answer is about; a list has none
 */
export async function nodeAnswer<O>(
  request: ApiRequest<O>,
  selection: Selection = {},
  target: PolicyTarget = {},
): Promise<NodeAnswer> {
  const { contract, minor, auth, baseUrl } = request
  const names = selectFields(contract, 'Node', minor, selection)
  const hostOf = await hosts(request.ctx)
  const readsAll = auth.can('baremetal:node:get:filter_threshold', target)
  const env: NodeEnv = {
    baseUrl,
    hostOf,
    renamed: renamedStates(contract, minor),
    showDriverSecrets: auth.can('show_password', target),
    showInstanceSecrets: auth.can('show_instance_secrets', target),
    mayRead: (field, node) => readsAll || auth.can(`baremetal:node:get:${field}`, nodeTarget(node)),
  }
  const makers = remembered(makersOf, names, makersFor)
  return { json: serializer(makers, names, env), hostOf }
}

/** Who serves a node, by one view of the ring for the whole answer. */
async function hosts(ctx: AppContext): Promise<NodeEnv['hostOf']> {
  const ring = await ringOf(ctx).current()
  return (n) => ring.owner(n.driver ?? '', n.conductorGroup, n.uuid)
}

interface Renamed extends Schema {
  readonly state: string
  readonly shown: string | null
}

/** Provision states that a version calls otherwise (docs/reference/rest-api.md, 8.1). */
export function renamedStates(
  contract: Contract,
  minor: number,
): ReadonlyMap<string, string | null> {
  const table = namesOfStates.get(contract) ?? new Map<number, ReadonlyMap<string, string | null>>()
  namesOfStates.set(contract, table)
  const known = table.get(minor) ?? findRenamed(contract, minor)
  table.set(minor, known)
  return known
}

function findRenamed(contract: Contract, minor: number): ReadonlyMap<string, string | null> {
  const field = contract.fields('Node').find((f) => f.name === 'provision_state')
  const options = field?.schema['x-ferric'] as { renamed?: readonly Renamed[] } | undefined
  const now = options?.renamed?.filter((r) => covers(versionRange(r), minor)) ?? []
  return new Map(now.map((r) => [r.state, r.shown]))
}
