import { and, gt, isNull, sql, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { NodeLocked, ObjectNotFound } from '../../errors.js'
import { systemCaller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { ringOf } from '../cluster/ring.js'
import { fromJson, rawRows } from '../../db/raw-rows.js'
import { withNode } from '../node/with-node.js'

/** Nodes that fit and that the ring gives to this conductor. Child nodes are their parent's. */
export async function ownedNodes(
  ctx: AppContext,
  where: SQL | undefined,
  orderBy: SQL,
): Promise<NodeRow[]> {
  const rows = await ctx.db.orm
    .select()
    .from(nodes)
    .where(and(isNull(nodes.parentNode), where))
    .orderBy(orderBy)
  const ring = await ringOf(ctx).current()
  return rows.filter((n) => ring.owner(n.driver ?? '', n.conductorGroup, n.uuid) === ctx.host)
}

/** How many nodes are in memory at a time. */
const pageSize = 250

/** The same in pages by id, for rounds over all nodes there are. */
export async function* ownedPages(
  ctx: AppContext,
  where: SQL | undefined,
): AsyncGenerator<NodeRow[]> {
  for (let last = 0; ;) {
    const wanted = and(isNull(nodes.parentNode), where, gt(nodes.id, last))
    const found = await rawRows(
      ctx.db.orm,
      sql`select row_to_json(nodes) as row from nodes where ${wanted} order by id limit ${pageSize}`,
    )
    const rows = found.map((raw) => fromJson(nodes, raw['row']))
    const ring = await ringOf(ctx).current()
    yield rows.filter((n) => ring.owner(n.driver ?? '', n.conductorGroup, n.uuid) === ctx.host)
    if (rows.length < pageSize) return
    last = rows.at(-1)!.id
  }
}

/** So long periodic work keeps the process to itself where its drivers answer at once. */
const longestSliceMs = 5

/** Lets others have their turn, when it is time: all workers of a round pause together. */
function breather(): () => Promise<void> {
  let since = performance.now()
  let pause: Promise<void> | null = null
  const turn = async () => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    since = performance.now()
    pause = null
  }
  return async () => {
    if (pause === null && performance.now() - since < longestSliceMs) return
    pause ??= turn()
    await pause
  }
}

/** Runs `work` for each, at most `limit` at once. One that fails is logged and spares the rest. */
export async function forEachNode(
  ctx: AppContext,
  rows: readonly NodeRow[],
  limit: number,
  signal: AbortSignal,
  work: (row: NodeRow) => Promise<void>,
): Promise<void> {
  const waiting = rows.values()
  const breathe = breather()
  const worker = async () => {
    for (const row of waiting) {
      await breathe()
      if (signal.aborted) return
      try {
        await work(row)
      } catch (error) {
        if (!(error instanceof NodeLocked) && !(error instanceof ObjectNotFound)) {
          ctx.log.conductor.error({ error, node: row.uuid }, 'periodic work on a node failed')
        }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, rows.length) }, worker))
}

/** Reserves a node for periodic work, without waiting for it. */
export async function withIdleNode(
  ctx: AppContext,
  row: NodeRow,
  purpose: string,
  signal: AbortSignal,
  work: (task: NodeTask) => Promise<void>,
): Promise<void> {
  await withNode(ctx, systemCaller(signal), row.id, { purpose, retry: false }, work)
}
