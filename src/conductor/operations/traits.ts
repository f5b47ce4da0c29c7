import { and, count, eq } from 'drizzle-orm'
import { insertMissing } from '../../db/many.js'
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
  const distinct = [...new Set(traits)]
  await withNode(ctx, caller, nodeUuid, { purpose: 'add node traits' }, async (task) => {
    const nodeId = task.node.id
    // Before anything is written: the list may be as long as a request's body.
    refuseBeyondMost(nodeId, distinct.length)
    await ctx.db.orm.transaction(async (tx) => {
      if (replace) await tx.delete(nodeTraits).where(eq(nodeTraits.nodeId, nodeId))
      const rows = distinct.map((trait) => ({ nodeId, trait }))
      await insertMissing(tx, nodeTraits, rows)
      refuseBeyondMost(nodeId, await countTraits(tx, nodeId))
    })
  })
}

async function countTraits(tx: Transaction, nodeId: number): Promise<number> {
  const [row] = await tx
    .select({ number: count() })
    .from(nodeTraits)
    .where(eq(nodeTraits.nodeId, nodeId))
  return row?.number ?? 0
}

function refuseBeyondMost(nodeId: number, number: number): void {
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
