import { and, eq, sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { allocations, nodes, reservations } from '../../db/schema/index.js'
import { InvalidState, NodeAssociated, NodeProtected } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { ReservationLost } from '../node/writes.js'
import { withNode } from '../node/with-node.js'
import { routeForWrite } from './route.js'

/**
 * Deletes a node with everything that belongs to it (docs/reference/conductor.md, 2.3; docs/reference/objects.md, Node).
 * @throws NoValidHost 400; NodeProtected 403; NodeAssociated, InvalidState, NodeLocked 409
 */
export async function destroyNode(ctx: AppContext, caller: Caller, node: NodeRow): Promise<void> {
  await routeForWrite(ctx, node)
  const lock = { purpose: 'node deletion', loadDriver: false }
  await withNode(ctx, caller, node.id, lock, async (task) => {
    checkDeletable(ctx, task.node)
    if (task.node.consoleEnabled) await stopConsole(task)
    await deleteRow(task)
  })
}

function checkDeletable(ctx: AppContext, node: Readonly<NodeRow>): void {
  const { uuid, maintenance, instanceUuid, provisionState: state } = node
  if (!maintenance && instanceUuid) throw new NodeAssociated(uuid, instanceUuid)
  if (node.protected) throw new NodeProtected(uuid)
  const states = ['manageable', 'enroll', 'adopt failed']
  if (ctx.config.conductor.allow_deleting_available_nodes) states.push('available')
  if (maintenance || states.includes(state)) return
  throw new InvalidState(
    `Can not delete node "${uuid}" while it is in provision state "${state}". Valid provision states to perform deletion are: "(${states.map((s) => `'${s}'`).join(', ')})", or set the node into maintenance mode`,
  )
}

/** A console that cannot be stopped does not keep the node; a driver that is missing does. */
async function stopConsole(task: NodeTask): Promise<void> {
  const { ctx, node, driver } = task
  try {
    await driver.console.stopConsole(task)
  } catch (error) {
    ctx.log.conductor.error(
      { error, node: node.uuid },
      'the console of a node being deleted did not stop',
    )
  }
}

/**
 * The row goes while its reservation is ours; ports, history and the like go with it by foreign
 * key, an allocation because it makes no sense without its node.
 */
async function deleteRow(task: NodeTask): Promise<void> {
  const { ctx, node, held } = task
  const ours = sql`exists (select 1 from ${reservations}
    where ${reservations.nodeId} = ${node.id} and ${reservations.token} = ${held?.token}::uuid)`
  await ctx.db.orm.transaction(async (tx) => {
    await tx.delete(allocations).where(eq(allocations.nodeId, node.id))
    const row = and(eq(nodes.id, node.id), ours)
    const deleted = await tx.delete(nodes).where(row).returning({ id: nodes.id })
    if (deleted.length === 0) throw new ReservationLost(node.id)
  })
  task.gone()
}
