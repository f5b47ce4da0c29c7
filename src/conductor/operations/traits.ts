import { and, count, eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodeTraits } from '../../db/schema/index.js'
import type { Transaction } from '../../db/types.js'
import { InvalidParameterValue, NotFound } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { withNode } from '../node/with-node.js'

const maxTraits = 50

/**
 * Adds traits to a node, or replaces all of them.
 * @throws NodeLocked, InvalidParameterValue when there would be more than 50
 */
export async function addTraits(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  traits: readonly string[],
  replace = false,
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'add node traits' }, async (task) => {
    const nodeId = task.node.id
    await ctx.db.orm.transaction(async (tx) => {
      if (replace) await tx.delete(nodeTraits).where(eq(nodeTraits.nodeId, nodeId))
      const rows = [...new Set(traits)].map((trait) => ({ nodeId, trait }))
      if (rows.length > 0) await tx.insert(nodeTraits).values(rows).onConflictDoNothing()
      await requireRoom(tx, nodeId)
    })
  })
}

async function requireRoom(tx: Transaction, nodeId: number): Promise<void> {
  const [found] = await tx
    .select({ number: count() })
    .from(nodeTraits)
    .where(eq(nodeTraits.nodeId, nodeId))
  const number = found?.number ?? 0
  if (number <= maxTraits) return
  throw new InvalidParameterValue(
    `Could not modify traits for node ${nodeId} as it would exceed the maximum number of traits per node (${number} vs. ${maxTraits})`,
  )
}

/**
 * Removes one trait of a node.
 * @throws NodeLocked, NotFound when the node does not have it
 */
export async function removeTrait(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  trait: string,
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'remove node traits' }, async (task) => {
    const removed = await ctx.db.orm
      .delete(nodeTraits)
      .where(and(eq(nodeTraits.nodeId, task.node.id), eq(nodeTraits.trait, trait)))
      .returning({ trait: nodeTraits.trait })
    if (removed.length === 0) {
      throw new NotFound(`Node ${task.node.id} doesn't have a trait '${trait}'`)
    }
  })
}

/**
 * Removes all traits of a node.
 * @throws NodeLocked
 */
export async function removeAllTraits(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<void> {
  await withNode(ctx, caller, nodeUuid, { purpose: 'remove node traits' }, async (task) => {
    await ctx.db.orm.delete(nodeTraits).where(eq(nodeTraits.nodeId, task.node.id))
  })
}
