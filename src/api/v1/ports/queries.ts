import { and, eq, getTableColumns, ilike, inArray, isNotNull, or, type SQL } from 'drizzle-orm'
import type { PortRow, PortgroupRow } from '../../../db/rows.js'
import { nodes, portgroups, ports } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { ObjectNotFound } from '../../../errors.js'
import { parentColumns, type ParentNode } from '../../node-children.js'
import { columnsFor } from '../../serialize.js'
import { findPortgroup } from '../portgroups/queries.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'
import { isMacAddress, isUuidLike } from '../../../identifiers.js'

/** A port and what of its relations is shown. */
export interface PortView extends PortRow {
  readonly nodeUuid: string
  readonly portgroupUuid: string | null
}

const viewColumns = {
  ...getTableColumns(ports),
  nodeUuid: nodes.uuid,
  portgroupUuid: portgroups.uuid,
}

/** A port by UUID, MAC address or name, and its node. @throws ObjectNotFound 404 */
export async function getPort(
  db: Queryable,
  ident: string,
): Promise<{ port: PortView; node: ParentNode }> {
  const [row] = await db
    .select({ port: viewColumns, node: parentColumns })
    .from(ports)
    .innerJoin(nodes, eq(ports.nodeId, nodes.id))
    .leftJoin(portgroups, eq(ports.portgroupId, portgroups.id))
    .where(byIdent(ident))
    .limit(1)
  if (row === undefined) throw new ObjectNotFound('Port', ident)
  return row
}

function byIdent(ident: string): SQL {
  if (isMacAddress(ident)) return eq(ports.address, ident)
  return isUuidLike(ident) ? eq(ports.uuid, ident) : eq(ports.name, ident)
}

export interface PortFilter {
  readonly nodeId?: number | undefined
  readonly portgroupId?: number | undefined
  readonly address?: string | undefined
  readonly shards?: readonly string[] | undefined
  readonly conductorGroups?: readonly string[] | undefined
  readonly descriptionContains?: string | undefined
  /** Owner or lessee of the node. */
  readonly project?: string | null
}

/**
 * A page of ports after the marker.
 * @param fields what will be shown; all when undefined
 * @throws ObjectNotFound when the marker does not exist
 */
export async function listPorts(
  db: Queryable,
  page: Page,
  marker: string | undefined,
  filter: PortFilter,
  fields?: readonly string[],
): Promise<PortView[]> {
  const from = marker === undefined ? undefined : (await getPort(db, marker)).port
  return await db
    .select(columnsFor(viewColumns, fields))
    .from(ports)
    .innerJoin(nodes, eq(ports.nodeId, nodes.id))
    .leftJoin(portgroups, eq(ports.portgroupId, portgroups.id))
    .where(and(conditions(filter), from && afterMarker(ports, page, { ...from })))
    .orderBy(...orderBy(ports, page))
    .limit(page.limit)
}

function conditions(f: PortFilter): SQL | undefined {
  return and(
    f.nodeId === undefined ? undefined : eq(ports.nodeId, f.nodeId),
    f.portgroupId === undefined ? undefined : eq(ports.portgroupId, f.portgroupId),
    f.address === undefined ? undefined : eq(ports.address, f.address),
    f.shards && inArray(nodes.shard, [...f.shards]),
    f.conductorGroups && inArray(nodes.conductorGroup, [...f.conductorGroups]),
    f.descriptionContains === undefined ? undefined : contains(f.descriptionContains),
    f.project ? or(eq(nodes.owner, f.project), eq(nodes.lessee, f.project)) : undefined,
  )
}

/** As upstream's LIKE: percent and underscore of the client are wild cards. */
function contains(text: string): SQL | undefined {
  const bare = text.replace(/\\/g, '\\\\')
  return and(isNotNull(ports.description), ilike(ports.description, `%${bare}%`))
}

/** A port group by UUID or name. @throws ObjectNotFound 404 */
export async function getPortgroup(db: Queryable, ident: string): Promise<PortgroupRow> {
  const found = await findPortgroup(db, ident)
  if (found === null) throw new ObjectNotFound('Portgroup', ident)
  return found.group
}

/** The node of a port group given by its UUID. @throws ObjectNotFound 404, also for a name */
export async function getPortgroupNode(db: Queryable, uuid: string): Promise<ParentNode> {
  const found = await findPortgroup(db, uuid)
  if (found?.group.uuid !== uuid) throw new ObjectNotFound('Portgroup', uuid)
  return found.node
}
