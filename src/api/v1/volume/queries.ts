import { and, eq, getTableColumns, or } from 'drizzle-orm'
import type { VolumeConnectorRow, VolumeTargetRow } from '../../../db/rows.js'
import { nodes, volumeConnectors, volumeTargets } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { uniquely } from '../../../db/unique.js'
import { parentColumns, type ParentNode } from '../../node-children.js'
import { columnsFor } from '../../serialize.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'

/** A row and the UUID of its node. */
export type View<Row> = Row & { readonly nodeUuid: string }

export interface VolumeFilter {
  readonly nodeId?: number | undefined
  /** Owner or lessee of the node. */
  readonly project: string | null
  /** What will be shown; all when undefined. */
  readonly fields: readonly string[] | undefined
}

/** The statements of one of the two tables. */
export interface VolumeTable<Row, Insert> {
  find(db: Queryable, uuid: string): Promise<{ row: View<Row>; node: ParentNode } | null>
  /** A page after the marker's row. */
  list(db: Queryable, page: Page, from: View<Row> | null, f: VolumeFilter): Promise<View<Row>[]>
  /** @throws Conflict 409 on what is taken */
  insert(db: Queryable, values: Insert): Promise<Row>
}

const scope = ({ project }: VolumeFilter) =>
  project === null ? undefined : or(eq(nodes.owner, project), eq(nodes.lessee, project))

type ConnectorInsert = typeof volumeConnectors.$inferInsert
const connectorView = { ...getTableColumns(volumeConnectors), nodeUuid: nodes.uuid }

export const connectorTable: VolumeTable<VolumeConnectorRow, ConnectorInsert> = {
  async find(db, uuid) {
    const [found] = await db
      .select({ row: connectorView, node: parentColumns })
      .from(volumeConnectors)
      .innerJoin(nodes, eq(volumeConnectors.nodeId, nodes.id))
      .where(eq(volumeConnectors.uuid, uuid))
      .limit(1)
    return found ?? null
  },
  async list(db, page, from, filter) {
    const ofNode =
      filter.nodeId === undefined ? undefined : eq(volumeConnectors.nodeId, filter.nodeId)
    const after = from === null ? undefined : afterMarker(volumeConnectors, page, from)
    return await db
      .select(columnsFor(connectorView, filter.fields))
      .from(volumeConnectors)
      .innerJoin(nodes, eq(volumeConnectors.nodeId, nodes.id))
      .where(and(ofNode, scope(filter), after))
      .orderBy(...orderBy(volumeConnectors, page))
      .limit(page.limit)
  },
  async insert(db, values) {
    const pair = `A volume connector with type ${values.type} and connector ID ${values.connectorId} already exists.`
    const taken = {
      uniq_volumeconnectors0type0connector_id: pair,
      uniq_volumeconnectors0uuid: async () =>
        (await pairTaken(db, values))
          ? pair
          : `A volume connector with UUID ${values.uuid} already exists.`,
    }
    const rows = await uniquely(taken, () => db.insert(volumeConnectors).values(values).returning())
    return rows[0] as VolumeConnectorRow
  },
}

/** Upstream blames the pair when the UUID is taken too. */
async function pairTaken(db: Queryable, { type, connectorId }: ConnectorInsert): Promise<boolean> {
  const same = and(
    eq(volumeConnectors.type, type ?? ''),
    eq(volumeConnectors.connectorId, connectorId ?? ''),
  )
  const found = await db.select({ id: volumeConnectors.id }).from(volumeConnectors).where(same)
  return found.length > 0
}

type TargetInsert = typeof volumeTargets.$inferInsert
const targetView = { ...getTableColumns(volumeTargets), nodeUuid: nodes.uuid }

export const targetTable: VolumeTable<VolumeTargetRow, TargetInsert> = {
  async find(db, uuid) {
    const [found] = await db
      .select({ row: targetView, node: parentColumns })
      .from(volumeTargets)
      .innerJoin(nodes, eq(volumeTargets.nodeId, nodes.id))
      .where(eq(volumeTargets.uuid, uuid))
      .limit(1)
    return found ?? null
  },
  async list(db, page, from, filter) {
    const ofNode = filter.nodeId === undefined ? undefined : eq(volumeTargets.nodeId, filter.nodeId)
    const after = from === null ? undefined : afterMarker(volumeTargets, page, from)
    return await db
      .select(columnsFor(targetView, filter.fields))
      .from(volumeTargets)
      .innerJoin(nodes, eq(volumeTargets.nodeId, nodes.id))
      .where(and(ofNode, scope(filter), after))
      .orderBy(...orderBy(volumeTargets, page))
      .limit(page.limit)
  },
  async insert(db, values) {
    const index = `A volume target with boot index '${values.bootIndex}' for the same node already exists.`
    const taken = {
      uniq_volumetargets0node_id0boot_index: index,
      uniq_volumetargets0uuid: async () =>
        (await indexTaken(db, values))
          ? index
          : `A volume target with UUID ${values.uuid} already exists.`,
    }
    const rows = await uniquely(taken, () => db.insert(volumeTargets).values(values).returning())
    return rows[0] as VolumeTargetRow
  },
}

async function indexTaken(db: Queryable, { nodeId, bootIndex }: TargetInsert): Promise<boolean> {
  const same = and(
    eq(volumeTargets.nodeId, nodeId ?? 0),
    eq(volumeTargets.bootIndex, bootIndex ?? 0),
  )
  const found = await db.select({ id: volumeTargets.id }).from(volumeTargets).where(same)
  return found.length > 0
}
