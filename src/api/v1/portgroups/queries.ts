import { and, eq, getTableColumns, inArray, or, type SQL } from 'drizzle-orm'
import type { PortgroupRow } from '../../../db/rows.js'
import { nodes, portgroups } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { uniquely } from '../../../db/unique.js'
import { ObjectNotFound } from '../../../errors.js'
import { parentColumns, type ParentNode } from '../../node-children.js'
import { columnsFor } from '../../serialize.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'
import { isUuidLike } from '../../../identifiers.js'

/** A port group and the UUID of its node. */
export interface PortgroupView extends PortgroupRow {
  readonly nodeUuid: string
}

const viewColumns = { ...getTableColumns(portgroups), nodeUuid: nodes.uuid }

/** A port group by UUID or name, and its node; null when there is none. */
export async function findPortgroup(
  db: Queryable,
  ident: string,
): Promise<{ group: PortgroupView; node: ParentNode } | null> {
  const condition = isUuidLike(ident) ? eq(portgroups.uuid, ident) : eq(portgroups.name, ident)
  const [row] = await db
    .select({ group: viewColumns, node: parentColumns })
    .from(portgroups)
    .innerJoin(nodes, eq(portgroups.nodeId, nodes.id))
    .where(condition)
    .limit(1)
  return row ?? null
}

export interface PortgroupFilter {
  readonly nodeId?: number | undefined
  readonly address?: string | undefined
  readonly shards?: readonly string[] | undefined
  readonly conductorGroups?: readonly string[] | undefined
  /** Owner or lessee of the node. */
  readonly project?: string | null
}

/**
 * A page of port groups after the marker.
 * @param fields what will be shown; all when undefined
 * @throws ObjectNotFound when the marker does not exist
 */
export async function listPortgroups(
  db: Queryable,
  page: Page,
  marker: string | undefined,
  filter: PortgroupFilter,
  fields?: readonly string[],
): Promise<PortgroupView[]> {
  const from = marker === undefined ? undefined : await findPortgroup(db, marker)
  if (from === null) throw new ObjectNotFound('Portgroup', marker ?? '')
  return await db
    .select(columnsFor(viewColumns, fields))
    .from(portgroups)
    .innerJoin(nodes, eq(portgroups.nodeId, nodes.id))
    .where(and(conditions(filter), from && afterMarker(portgroups, page, { ...from.group })))
    .orderBy(...orderBy(portgroups, page))
    .limit(page.limit)
}

function conditions(f: PortgroupFilter): SQL | undefined {
  return and(
    f.nodeId === undefined ? undefined : eq(portgroups.nodeId, f.nodeId),
    f.address === undefined ? undefined : eq(portgroups.address, f.address),
    f.shards && inArray(nodes.shard, [...f.shards]),
    f.conductorGroups && inArray(nodes.conductorGroup, [...f.conductorGroups]),
    f.project ? or(eq(nodes.owner, f.project), eq(nodes.lessee, f.project)) : undefined,
  )
}

type PortgroupInsert = typeof portgroups.$inferInsert

/** @throws Conflict 409 on a UUID, name or address that is taken */
export async function insertPortgroup(
  db: Queryable,
  values: PortgroupInsert,
): Promise<PortgroupRow> {
  const taken = {
    uniq_portgroups0uuid: `A portgroup with UUID ${values.uuid} already exists.`,
    uniq_portgroups0name: `A portgroup with name ${values.name} already exists.`,
    uniq_portgroups0address: `A portgroup with MAC address ${values.address} already exists.`,
  }
  const rows = await uniquely(taken, () => db.insert(portgroups).values(values).returning())
  return rows[0] as PortgroupRow
}
