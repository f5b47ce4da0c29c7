/** Nodes as allocations look for and change them: by row locks, without a reservation. */
import { eq, sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import type { Transaction } from '../../db/types.js'
import { NodeLocked, ObjectNotFound } from '../../errors.js'
import type { Caller } from '../work/caller.js'

/** Nodes that have all these traits; undefined for all nodes. */
export function byTraits(traits: readonly string[]): SQL | undefined {
  const wanted = [...new Set(traits)]
  if (wanted.length === 0) return undefined
  const list = sql.join(
    wanted.map((t) => sql`${t}`),
    sql`, `,
  )
  return sql`(select count(*) from node_traits t
    where t.node_id = ${nodes.id} and t.trait in (${list})) = ${wanted.length}`
}

/** The pause between two attempts at a locked node. */
export const pause = (ctx: AppContext, caller: Caller): Promise<void> =>
  ctx.clock.sleep(ctx.config.conductor.node_locked_retry_interval * 1000, caller.signal)

/**
 * Runs `work` in a transaction that holds the row of a node nobody has reserved.
 * @throws NodeLocked 409 when it stays reserved for all attempts; ObjectNotFound 404
 */
export async function withFreeNode<T>(
  ctx: AppContext,
  caller: Caller,
  nodeId: number,
  work: (tx: Transaction, node: NodeRow) => Promise<T>,
): Promise<T> {
  const { node_locked_retry_attempts: attempts, node_locked_retry_interval: interval } =
    ctx.config.conductor
  for (let attempt = 1; ; attempt++) {
    const outcome = await ctx.db.orm.transaction(async (tx) => {
      const [node] = await tx.select().from(nodes).where(eq(nodes.id, nodeId)).for('update')
      if (node === undefined) throw new ObjectNotFound('Node', nodeId)
      if (node.reservation !== null) return { node, lockedBy: node.reservation }
      return { done: await work(tx, node) }
    })
    if ('done' in outcome) return outcome.done
    if (attempt >= attempts) throw new NodeLocked(outcome.node.uuid, outcome.lockedBy, interval)
    await pause(ctx, caller)
  }
}
