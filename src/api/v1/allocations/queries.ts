import { and, eq, or, type SQL } from 'drizzle-orm'
import { isAmong } from '../../../db/many.js'
import { asDuplicate } from '../../../conductor/allocations/allocate.js'
import type { AllocationRow } from '../../../db/rows.js'
import { allocations, nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'
import { Invalid, ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'
import { isUuidLike } from '../../../identifiers.js'
import { isLogicalName } from '../../validation/formats.js'

export interface Allocation extends AllocationRow {
  readonly nodeUuid: string | null
}

const withNode = (db: Queryable) =>
  db
    .select({ allocation: allocations, nodeUuid: nodes.uuid })
    .from(allocations)
    .leftJoin(nodes, eq(nodes.id, allocations.nodeId))

const joined = (r: { allocation: AllocationRow; nodeUuid: string | null }): Allocation => ({
  ...r.allocation,
  nodeUuid: r.nodeUuid,
})

/** @returns null when there is none. @throws Invalid 400 on what can be neither name nor UUID */
export async function findAllocation(db: Queryable, ident: string): Promise<Allocation | null> {
  if (!isUuidLike(ident) && !isLogicalName(ident)) {
    throw new Invalid(`Expected a logical name or UUID but received ${ident}.`)
  }
  const column = isUuidLike(ident) ? allocations.uuid : allocations.name
  const [row] = await withNode(db).where(eq(column, ident)).limit(1)
  return row === undefined ? null : joined(row)
}

/** The allocation of a node, or null. */
export async function allocationOfNode(db: Queryable, nodeId: number): Promise<Allocation | null> {
  const [row] = await withNode(db).where(eq(allocations.nodeId, nodeId)).limit(1)
  return row === undefined ? null : joined(row)
}

export interface AllocationFilters {
  readonly nodeId?: number | undefined
  readonly resourceClass?: string | undefined
  readonly state?: string | undefined
  readonly owner?: string | undefined
}

/** A page of allocations. @throws ObjectNotFound when the marker is unknown */
export async function listAllocations(
  db: Queryable,
  page: Page,
  marker: string | undefined,
  filters: AllocationFilters,
): Promise<Allocation[]> {
  const from = marker === undefined ? undefined : await markerRow(db, marker)
  const rows = await withNode(db)
    .where(and(from && afterMarker(allocations, page, from), ...conditions(filters)))
    .orderBy(...orderBy(allocations, page))
    .limit(page.limit)
  return rows.map(joined)
}

async function markerRow(db: Queryable, uuid: string): Promise<AllocationRow & object> {
  const [row] = await db.select().from(allocations).where(eq(allocations.uuid, uuid)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Allocation', uuid)
  return row
}

function conditions(filters: AllocationFilters): (SQL | undefined)[] {
  const { nodeId, resourceClass, state, owner } = filters
  return [
    nodeId === undefined ? undefined : eq(allocations.nodeId, nodeId),
    resourceClass === undefined ? undefined : eq(allocations.resourceClass, resourceClass),
    state === undefined ? undefined : eq(allocations.state, state),
    owner === undefined ? undefined : eq(allocations.owner, owner),
  ]
}

/**
 * Names and UUIDs of nodes as UUIDs, in the order given.
 * @param project only nodes it owns or leases exist, when given
 * @throws Invalid 400 naming those that do not exist
 */
export async function candidateUuids(
  db: Queryable,
  idents: readonly string[],
  project: string | null,
): Promise<string[]> {
  if (idents.length === 0) return []
  const rows = await db
    .select({ uuid: nodes.uuid, name: nodes.name })
    .from(nodes)
    .where(
      and(
        or(isAmong(nodes.uuid, idents), isAmong(nodes.name, idents)),
        project === null ? undefined : or(eq(nodes.owner, project), eq(nodes.lessee, project)),
      ),
    )
  const known = new Map<string, string>()
  for (const { uuid, name } of rows) {
    known.set(uuid, uuid)
    if (name !== null) known.set(name, uuid)
  }
  const missing = [...new Set(idents)].filter((i) => !known.has(i))
  if (missing.length > 0) throw new Invalid(`Nodes cannot be found: ${missing.join(', ')}`)
  return idents.map((i) => known.get(i) as string)
}

/** @throws Conflict 409 on a name that exists, ObjectNotFound when it is gone */
export async function updateAllocation(
  db: Queryable,
  row: Allocation,
  changed: { readonly name?: string | null; readonly extra?: Record<string, unknown> },
  now: Date,
): Promise<Allocation> {
  if (Object.keys(changed).length === 0) return row
  try {
    const [updated] = await db
      .update(allocations)
      .set({ ...changed, updatedAt: now })
      .where(eq(allocations.id, row.id))
      .returning()
    if (updated === undefined) throw new ObjectNotFound('Allocation', row.uuid)
    return { ...updated, nodeUuid: row.nodeUuid }
  } catch (e) {
    throw asDuplicate(e, { ...row, ...changed })
  }
}
