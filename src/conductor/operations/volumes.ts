import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { VolumeConnectorRow, VolumeTargetRow } from '../../db/rows.js'
import { volumeConnectors, volumeTargets } from '../../db/schema/index.js'
import { Conflict, databaseFault, InvalidStateRequested, ObjectNotFound } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { withNode } from '../node/with-node.js'
import { changedKeys } from './changes.js'

/** Here a volume may go although the machine is not off. */
const deletable = new Set(['manageable', 'enroll', 'adopt failed'])

/**
 * Changes a volume connector.
 * @throws NodeLocked, InvalidStateRequested unless the node is off, Conflict
 */
export async function updateVolumeConnector(
  ctx: AppContext,
  caller: Caller,
  row: VolumeConnectorRow,
  changes: Partial<VolumeConnectorRow>,
): Promise<VolumeConnectorRow> {
  const action = 'volume connector update'
  const nodeId = nodeOf({ ...row, ...changes })
  return await withNode(ctx, caller, nodeId, { purpose: action }, async (task) => {
    requireOff(task, action)
    if (changedKeys(row, changes).size === 0) return row
    const after = { ...row, ...changes }
    const conflict = `A volume connector with type ${after.type} and connector ID ${after.connectorId} already exists.`
    const [stored] = await unique(conflict, () =>
      ctx.db.orm
        .update(volumeConnectors)
        .set({ ...changes, updatedAt: ctx.clock.now() })
        .where(eq(volumeConnectors.id, row.id))
        .returning(),
    )
    if (stored === undefined) throw new ObjectNotFound('Volume connector', row.uuid)
    return stored
  })
}

/**
 * Changes a volume target.
 * @throws NodeLocked, InvalidStateRequested unless the node is off, Conflict
 */
export async function updateVolumeTarget(
  ctx: AppContext,
  caller: Caller,
  row: VolumeTargetRow,
  changes: Partial<VolumeTargetRow>,
): Promise<VolumeTargetRow> {
  const action = 'volume target update'
  const nodeId = nodeOf({ ...row, ...changes })
  return await withNode(ctx, caller, nodeId, { purpose: action }, async (task) => {
    requireOff(task, action)
    if (changedKeys(row, changes).size === 0) return row
    const { bootIndex } = { ...row, ...changes }
    const conflict = `A volume target with boot index '${bootIndex}' for the same node already exists.`
    const [stored] = await unique(conflict, () =>
      ctx.db.orm
        .update(volumeTargets)
        .set({ ...changes, updatedAt: ctx.clock.now() })
        .where(eq(volumeTargets.id, row.id))
        .returning(),
    )
    if (stored === undefined) throw new ObjectNotFound('Volume target', row.uuid)
    return stored
  })
}

/**
 * Removes a volume connector.
 * @throws NodeLocked, InvalidStateRequested
 */
export async function destroyVolumeConnector(
  ctx: AppContext,
  caller: Caller,
  row: VolumeConnectorRow,
): Promise<void> {
  const action = 'volume connector deletion'
  await withNode(ctx, caller, nodeOf(row), { purpose: action }, async (task) => {
    if (!deletable.has(task.node.provisionState)) requireOff(task, action)
    const gone = await ctx.db.orm
      .delete(volumeConnectors)
      .where(eq(volumeConnectors.id, row.id))
      .returning({ id: volumeConnectors.id })
    if (gone.length === 0) throw new ObjectNotFound('Volume connector', row.uuid)
  })
}

/**
 * Removes a volume target.
 * @throws NodeLocked, InvalidStateRequested
 */
export async function destroyVolumeTarget(
  ctx: AppContext,
  caller: Caller,
  row: VolumeTargetRow,
): Promise<void> {
  const action = 'volume target deletion'
  await withNode(ctx, caller, nodeOf(row), { purpose: action }, async (task) => {
    if (!deletable.has(task.node.provisionState)) requireOff(task, action)
    const gone = await ctx.db.orm
      .delete(volumeTargets)
      .where(eq(volumeTargets.id, row.id))
      .returning({ id: volumeTargets.id })
    if (gone.length === 0) throw new ObjectNotFound('Volume target', row.uuid)
  })
}

/** A power state that is not known does not count as off. */
function requireOff(task: NodeTask, action: string): void {
  const { powerState, uuid } = task.node
  if (powerState !== 'power off') throw new InvalidStateRequested(action, uuid, powerState)
}

/** @throws ObjectNotFound for a row of no node, which only a damaged database has */
function nodeOf(row: { readonly nodeId: number | null }): number {
  if (row.nodeId === null) throw new ObjectNotFound('Node', 'None')
  return row.nodeId
}

async function unique<T>(conflict: string, write: () => PromiseLike<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (databaseFault(error)?.code !== '23505') throw error
    throw new Conflict(conflict)
  }
}
