/**
 * Allocations: giving a node to the requester of its kind (docs/reference/conductor.md 18.6; upstream
 * `conductor/allocations.py`). A node is given away by one transaction that finds it free and
 * locks its row, so no reservation is taken.
 */
import { randomUUID } from 'node:crypto'
import { and, eq, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm'
import { errorText } from '../../error-text.js'
import { isAmong } from '../../db/many.js'
import type { AppContext } from '../../context.js'
import type { AllocationRow, NodeRow } from '../../db/rows.js'
import { allocations, nodes } from '../../db/schema/index.js'
import type { Queryable, Transaction } from '../../db/types.js'
import { Conflict, databaseFault, Invalid, InvalidState, NodeAssociated } from '../../errors.js'
import type { PlainWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import { insertTask } from '../node/writes.js'
import { byTraits, pause, withFreeNode } from './nodes.js'
import { updateAllowedStates } from '../state/states.js'
import { announce, anyConductorQueue } from '../work/tasks.js'

const uuidForm = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i

export interface NewAllocation {
  readonly uuid: string
  readonly name: string | null
  readonly owner: string | null
  readonly resourceClass: string | null
  readonly traits: readonly string[]
  /** UUIDs. */
  readonly candidateNodes: readonly string[]
  readonly extra: Record<string, unknown>
}

/** Upstream's AllocationFailed. */
class AllocationFailed extends Invalid {
  override readonly name = 'AllocationFailed'
  constructor(uuid: string, error: string) {
    super(`Failed to process allocation ${uuid}: ${error}.`)
  }
}

/**
 * Stores an allocation and has it processed in the background; with a node, it is recorded for
 * that node at once.
 * @param nodeId the node to record it for
 * @returns the row as stored, `allocating` unless a node was named
 * @throws Conflict 409 on a name or UUID that exists; Invalid 400 (upstream: 500) when the node
 *   does not fit; NodeAssociated, NodeLocked 409; ObjectNotFound
 */
export async function createAllocation(
  ctx: AppContext,
  caller: Caller,
  values: NewAllocation,
  nodeId: number | null,
): Promise<AllocationRow> {
  const row = await insertAllocation(ctx, values)
  if (nodeId !== null) return backfill(ctx, caller, row, nodeId)
  const id = randomUUID()
  const args = { allocation: row.id }
  const task = { id, kind: 'allocate', args, queue: anyConductorQueue, caller, node: null }
  await insertTask(ctx, task)
  announce(ctx, anyConductorQueue, id)
  return row
}

async function insertAllocation(ctx: AppContext, values: NewAllocation): Promise<AllocationRow> {
  const conductor = sql<number>`(select id from conductors where hostname = ${ctx.host})`
  try {
    const [row] = await ctx.db.orm
      .insert(allocations)
      .values({
        ...values,
        traits: [...values.traits],
        candidateNodes: [...values.candidateNodes],
        state: 'allocating',
        conductorAffinity: conductor,
        createdAt: ctx.clock.now(),
      })
      .returning()
    return row as AllocationRow
  } catch (e) {
    throw asDuplicate(e, values)
  }
}

/** The 409 for a name or UUID that exists, or the error as it came. */
export function asDuplicate(error: unknown, of: { uuid: string; name: string | null }): unknown {
  const fault = databaseFault(error)
  if (fault?.code !== '23505') return error
  const what = fault.constraint?.endsWith('name') === true ? `name ${of.name}` : `UUID ${of.uuid}`
  return new Conflict(`An allocation with ${what} already exists.`)
}

/**
 * The background half of `createAllocation`. An allocation that is gone or done is left alone, and
 * so, as upstream has it, is one whose `uuid` cannot become a node's `instance_uuid`.
 */
export const allocateWork: PlainWork = {
  lock: 'none',
  method: 'do_allocate',
  async run(ctx, caller, args) {
    const id = Number(args['allocation'])
    const [row] = await ctx.db.orm.select().from(allocations).where(eq(allocations.id, id)).limit(1)
    if (row?.state !== 'allocating' || !uuidForm.test(row.uuid)) return
    try {
      await allocate(ctx, caller, row)
    } catch (e) {
      if (caller.signal.aborted) throw e
      await failed(ctx, row, e)
    }
  },
}

async function allocate(ctx: AppContext, caller: Caller, row: AllocationRow): Promise<void> {
  const attempts = ctx.config.conductor.node_locked_retry_attempts
  for (let attempt = 1; ; attempt++) {
    if (await giveNode(ctx, row)) return
    const left = await suitable(ctx.db.orm, row, attempt === 1)
    if (attempt >= attempts) {
      throw new AllocationFailed(row.uuid, `could not reserve any of ${left} suitable nodes`)
    }
    await pause(ctx, caller)
  }
}

/** Nodes an allocation may have, but for the traits. */
function fitting(row: AllocationRow): SQL | undefined {
  const candidates = (row.candidateNodes ?? []) as string[]
  return and(
    eq(nodes.resourceClass, row.resourceClass ?? ''),
    eq(nodes.provisionState, 'available'),
    isNull(nodes.instanceUuid),
    isNotNull(nodes.powerState),
    eq(nodes.maintenance, false),
    isNull(nodes.parentNode),
    candidates.length > 0 ? isAmong(nodes.uuid, candidates) : undefined,
    row.owner ? or(eq(nodes.owner, row.owner), eq(nodes.lessee, row.owner)) : undefined,
  )
}

const traitsOf = (row: AllocationRow) => (row.traits ?? []) as string[]

/** @returns whether the allocation has a node now, or needs none any more */
async function giveNode(ctx: AppContext, row: AllocationRow): Promise<boolean> {
  return ctx.db.orm.transaction(async (tx) => {
    const [node] = await tx
      .select()
      .from(nodes)
      .where(and(fitting(row), byTraits(traitsOf(row)), isNull(nodes.reservation)))
      .orderBy(sql`(${nodes.name} = ${row.name ?? ''}) desc nulls last, random()`)
      .limit(1)
      .for('update', { skipLocked: true })
    if (node === undefined) return false
    await assign(ctx, tx, row, node)
    return true
  })
}

/**
 * How many nodes would do, were they not locked.
 * @param first nothing was tried before
 * @throws AllocationFailed when there is none
 */
async function suitable(db: Queryable, row: AllocationRow, first: boolean): Promise<number> {
  const right = fitting(row)
  const withTraits = await db.$count(nodes, and(right, byTraits(traitsOf(row))))
  if (withTraits > 0) return withTraits
  if (!first) throw new AllocationFailed(row.uuid, 'all nodes were filtered out during reservation')
  if ((await db.$count(nodes, right)) > 0) {
    const list = traitsOf(row).join(', ')
    throw new AllocationFailed(row.uuid, `no suitable nodes have the requested traits ${list}`)
  }
  const none =
    (row.candidateNodes ?? []).length > 0
      ? 'none of the requested nodes are available and match'
      : 'no available nodes match'
  throw new AllocationFailed(row.uuid, `${none} the resource class ${row.resourceClass}`)
}

/** Ties node and allocation together. An allocation deleted meanwhile gets nothing. */
async function assign(
  ctx: AppContext,
  tx: Transaction,
  row: AllocationRow,
  node: NodeRow,
): Promise<AllocationRow | undefined> {
  const updatedAt = ctx.clock.now()
  const [updated] = await tx
    .update(allocations)
    .set({ nodeId: node.id, state: 'active', lastError: null, updatedAt })
    .where(and(eq(allocations.id, row.id), eq(allocations.state, 'allocating')))
    .returning()
  if (updated === undefined) return undefined
  const instanceInfo = { ...node.instanceInfo, traits: traitsOf(row) }
  await tx
    .update(nodes)
    .set({ allocationId: row.id, instanceUuid: row.uuid, instanceInfo, updatedAt })
    .where(eq(nodes.id, node.id))
  return updated
}

async function failed(ctx: AppContext, row: AllocationRow, error: unknown): Promise<void> {
  const text = errorText(error)
  const known = error instanceof AllocationFailed || error instanceof Conflict
  ctx.log.conductor.error({ allocation: row.uuid, error }, 'an allocation failed')
  await ctx.db.orm
    .update(allocations)
    .set({
      nodeId: null,
      state: 'error',
      lastError: known ? text : `Unexpected exception during allocation: ${text}`,
      updatedAt: ctx.clock.now(),
    })
    .where(and(eq(allocations.id, row.id), eq(allocations.state, 'allocating')))
}

async function backfill(
  ctx: AppContext,
  caller: Caller,
  row: AllocationRow,
  nodeId: number,
): Promise<AllocationRow> {
  try {
    return await withFreeNode(ctx, caller, nodeId, async (tx, node) => {
      await refuseUnfit(tx, row, node)
      if (node.instanceUuid !== null && node.instanceUuid !== row.uuid) {
        throw new NodeAssociated(node.uuid, node.instanceUuid)
      }
      return (await assign(ctx, tx, row, node)) ?? row
    })
  } catch (e) {
    const error = asAssociated(e, row, nodeId)
    await failed(ctx, row, error)
    throw error
  }
}

function asAssociated(error: unknown, row: AllocationRow, node: number): unknown {
  if (databaseFault(error)?.code !== '23505') return error
  return new Conflict(
    `Instance ${row.uuid} is already associated with a node, it cannot be associated with this other node ${node}`,
  )
}

async function refuseUnfit(tx: Queryable, row: AllocationRow, node: NodeRow): Promise<void> {
  const errors: string[] = []
  if (node.provisionState !== 'active') {
    errors.push(
      `Node must be in the "active" state, but the current state is "${node.provisionState}"`,
    )
  }
  if (row.resourceClass && node.resourceClass !== row.resourceClass) {
    errors.push(
      `Resource class ${node.resourceClass ?? 'None'} does not match the requested resource class ${row.resourceClass}`,
    )
  }
  const wanted = traitsOf(row)
  if ((await tx.$count(nodes, and(eq(nodes.id, node.id), byTraits(wanted)))) === 0) {
    errors.push(`List of traits does not match the requested traits ${wanted.join(', ')}`)
  }
  const candidates = (row.candidateNodes ?? []) as string[]
  if (candidates.length > 0 && !candidates.includes(node.uuid)) {
    errors.push(
      `Candidate nodes must be empty or contain the target node, but got ${candidates.join(', ')}`,
    )
  }
  if (errors.length === 0) return
  throw new AllocationFailed(
    row.uuid,
    `Cannot backfill an allocation for node ${node.uuid}: ${errors.join('; ')}`,
  )
}

/**
 * Deletes an allocation and frees its node.
 * @throws InvalidState 409 while the node is in use, NodeLocked 409
 */
export async function destroyAllocation(
  ctx: AppContext,
  caller: Caller,
  row: AllocationRow,
): Promise<void> {
  if (row.nodeId === null) {
    await ctx.db.orm.delete(allocations).where(eq(allocations.id, row.id))
    return
  }
  await withFreeNode(ctx, caller, row.nodeId, async (tx, node) => {
    refuseInUse(row, node)
    await tx
      .update(nodes)
      .set({ allocationId: null, instanceUuid: null, updatedAt: ctx.clock.now() })
      .where(eq(nodes.allocationId, row.id))
    await tx.delete(allocations).where(eq(allocations.id, row.id))
  })
}

function refuseInUse(row: AllocationRow, node: NodeRow): void {
  if (node.maintenance === true) return
  const refuse = (why: string) =>
    new InvalidState(
      `Cannot remove allocation ${row.uuid} for node ${node.uuid}, because the node is ${why} (and maintenance mode is off)`,
    )
  if (node.targetProvisionState && !updateAllowedStates.has(node.provisionState)) {
    throw refuse(`in state ${node.provisionState} where updates are not allowed`)
  }
  if (node.provisionState === 'active') throw refuse('active')
}
