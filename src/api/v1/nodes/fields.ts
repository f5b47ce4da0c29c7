/** How each field of a node is made, and from which columns. */
import { getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { NodeRow } from '../../../db/rows.js'
import { nodes } from '../../../db/schema/index.js'
import { links } from '../../links.js'
import { MASK, maskSecrets, maskUrlsIn } from '../../../mask.js'

/** As JSON has a column: times are texts in UTC without their offset. */
type Shown<T> = Date extends T ? string | null : T

/** A row as it is read for answers, with what belongs to it in other tables. */
export interface NodeView extends Readonly<{ [K in keyof NodeRow]: Shown<NodeRow[K]> }> {
  readonly chassisUuid: string | null
  readonly allocationUuid: string | null
  readonly traits: string[]
}
export type ViewColumn = keyof NodeView

/** What all nodes of one answer share. */
export interface NodeEnv {
  readonly baseUrl: string
  /** The conductor a node belongs to. */
  hostOf(node: Pick<NodeRow, 'driver' | 'conductorGroup' | 'uuid'>): string | null
  /** States as the version of the request calls them. */
  readonly renamed: ReadonlyMap<string, string | null>
  readonly showDriverSecrets: boolean
  readonly showInstanceSecrets: boolean
  /** Whether the caller may read a field that `baremetal:node:get:<field>` guards. */
  mayRead(field: string, node: Pick<NodeRow, 'owner' | 'lessee'>): boolean
}

export interface NodeField {
  readonly needs: readonly ViewColumn[]
  readonly make: (node: NodeView, env: NodeEnv) => unknown
}

const tableColumns: Readonly<Record<string, PgColumn>> = getTableColumns(nodes)

/** The column of a node behind a wire name: `boot_mode` to `bootMode`. */
export const columnOf: ReadonlyMap<string, keyof NodeRow> = new Map(
  Object.entries(tableColumns).map(([key, c]) => [c.name, key as keyof NodeRow]),
)

const elsewhere: Readonly<Record<string, SQL>> = {
  chassisUuid: sql`(select c.uuid from chassis c where c.id = nodes.chassis_id)`,
  allocationUuid: sql`(select a.uuid from allocations a where a.id = nodes.allocation_id)`,
  traits: sql`array(select t.trait from node_traits t where t.node_id = nodes.id order by t.trait)`,
}

/** Expressions to select, by property of a view. */
export type Columns = Readonly<Record<string, SQL>>

/** What to select for fields; what policies look at is always among it. */
export function selectionFor(names: readonly string[]): Columns {
  const keys = new Set<string>(['id', 'uuid', 'owner', 'lessee'])
  for (const name of names) for (const key of fieldOf(name).needs) keys.add(key)
  return Object.fromEntries([...keys].map((key) => [key, columnFor(key)]))
}

function columnFor(key: string): SQL {
  const column = tableColumns[key]
  const expression = elsewhere[key]
  if (expression !== undefined) return expression
  if (column === undefined) throw new Error(`nodes have no column ${key}`)
  return column.dataType === 'date' ? sql`${column} at time zone 'UTC'` : sql`${column}`
}

/** @throws Error when nobody makes the field */
export function fieldOf(name: string): NodeField {
  const known = special[name]
  if (known !== undefined) return known
  const key = columnOf.get(name)
  if (key === undefined) throw new Error(`no maker for field ${name}`)
  return plain(key)
}

function plain(key: keyof NodeRow): NodeField {
  const type = tableColumns[key]?.dataType
  const needs = [key]
  if (type === 'date') return { needs, make: (n) => withOffset(n[key] as string | null) }
  if (type === 'json') return { needs, make: (n) => n[key] ?? {} }
  return { needs, make: (n) => n[key] }
}

/** As Python's `isoformat`: six digits of a second, which JSON from PostgreSQL cuts, or none. */
function withOffset(time: string | null): string | null {
  if (time === null) return null
  return `${time.includes('.') ? time.padEnd(26, '0') : time}+00:00`
}

const below = (path: string): NodeField => ({
  needs: ['uuid'],
  make: (n, { baseUrl }) => links(baseUrl, `nodes/${n.uuid}${path}`),
})

type Document = Readonly<Record<string, unknown>>
const redacted = (field: string, word = 'requires') => ({
  content: `** Redacted - ${word} baremetal:node:get:${field} permission. **`,
})

/** A copy without secrets; the common empty object costs nothing. */
function masked(document: Document | null): Document {
  for (const _ in document) return alsoMasked(maskUrlsIn(maskSecrets(document)), secretMembers)
  return {}
}

/** Members that are secrets here and nowhere else. */
function alsoMasked(document: Document, members: readonly string[]): Document {
  const hits = members.filter((m) => document[m])
  if (hits.length === 0) return document
  return { ...document, ...Object.fromEntries(hits.map((m) => [m, MASK])) }
}

/** The first two are upstream's; the others are passwords under another name. */
const secretMembers = [
  'snmp_auth_key',
  'snmp_priv_key',
  'snmp_community',
  'snmp_community_read',
  'snmp_community_write',
  'ipmi_hex_kg_key',
]

function driverInfo(n: NodeView, env: NodeEnv): Document {
  if (!env.mayRead('driver_info', n)) return redacted('driver_info')
  if (env.showDriverSecrets) return n.driverInfo ?? {}
  return masked(n.driverInfo)
}

function driverInternalInfo(n: NodeView, env: NodeEnv): Document {
  if (!env.mayRead('driver_internal_info', n)) return redacted('driver_internal_info', 'Requires')
  return env.showDriverSecrets ? (n.driverInternalInfo ?? {}) : masked(n.driverInternalInfo)
}

function instanceInfo(n: NodeView, env: NodeEnv): Document {
  if (env.showInstanceSecrets) return n.instanceInfo ?? {}
  return alsoMasked(masked(n.instanceInfo), ['configdrive', 'image_url'])
}

const special: Readonly<Record<string, NodeField>> = {
  links: below(''),
  ports: below('/ports'),
  states: below('/states'),
  portgroups: below('/portgroups'),
  volume: below('/volume'),
  traits: { needs: ['traits'], make: (n) => n.traits },
  chassis_uuid: { needs: ['chassisUuid'], make: (n) => n.chassisUuid },
  allocation_uuid: { needs: ['allocationUuid'], make: (n) => n.allocationUuid },
  conductor: {
    needs: ['driver', 'conductorGroup', 'uuid'],
    make: (n, env) => env.hostOf(n),
  },
  provision_state: {
    needs: ['provisionState'],
    make: ({ provisionState: state }, { renamed }) =>
      renamed.size > 0 && renamed.has(state) ? renamed.get(state) : state,
  },
  driver_info: { needs: ['driverInfo'], make: driverInfo },
  driver_internal_info: { needs: ['driverInternalInfo'], make: driverInternalInfo },
  instance_info: { needs: ['instanceInfo'], make: instanceInfo },
  last_error: {
    needs: ['lastError'],
    make: (n, env) =>
      env.mayRead('last_error', n)
        ? n.lastError
        : '** Value Redacted - Requires baremetal:node:get:last_error permission. **',
  },
  reservation: {
    needs: ['reservation'],
    make: (n, env) =>
      env.mayRead('reservation', n)
        ? n.reservation
        : '** Redacted - requires baremetal:node:get:reservation permission. **',
  },
}
