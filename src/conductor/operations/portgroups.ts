import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { PortgroupRow, PortRow } from '../../db/rows.js'
import { portgroups, ports } from '../../db/schema/index.js'
import type { Queryable } from '../../db/types.js'
import { Conflict, databaseFault, Invalid, InvalidState, ObjectNotFound } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { portConnectivityStates } from '../state/states.js'
import { withNode } from '../node/with-node.js'
import { changedKeys } from './changes.js'
import { connectivityStates } from './ports.js'

/**
 * Changes a port group.
 * @param group the row as it is; `changes` the columns to set
 * @throws NodeLocked, InvalidState, Conflict, Invalid
 */
export async function updatePortgroup(
  ctx: AppContext,
  caller: Caller,
  group: PortgroupRow,
  changes: Partial<PortgroupRow>,
): Promise<PortgroupRow> {
  const after = { ...group, ...changes }
  const options = { purpose: 'update portgroup' }
  return await withNode(ctx, caller, nodeOf(after), options, async (task) => {
    const changed = changedKeys(group, changes)
    if (changed.has('nodeId')) await checkMove(task, group)
    await task.driver.network.validate(task)
    await task.driver.network.portgroupChanged(task, group, after)
    return changed.size === 0 ? group : await store(ctx, group, changes)
  })
}

async function checkMove(task: NodeTask, group: PortgroupRow): Promise<void> {
  const { node } = task
  if (!portConnectivityStates.has(node.provisionState) && node.maintenance !== true) {
    throw new InvalidState(
      `Portgroup ${group.uuid} can not be associated to node ${node.uuid} unless the node is in a ${connectivityStates} state or in maintenance mode. Current state is '${node.provisionState}'.`,
    )
  }
  if ((await members(task.ctx.db.orm, group)).length > 0) {
    throw new Invalid(
      `Portgroup ${group.uuid} can not be associated with node ${node.uuid} because there are ports associated with this portgroup.`,
    )
  }
}

async function members(orm: Queryable, group: PortgroupRow): Promise<PortRow[]> {
  return await orm.select().from(ports).where(eq(ports.portgroupId, group.id))
}

async function store(
  ctx: AppContext,
  group: PortgroupRow,
  changes: Partial<PortgroupRow>,
): Promise<PortgroupRow> {
  try {
    const [row] = await ctx.db.orm
      .update(portgroups)
      .set({ ...changes, updatedAt: ctx.clock.now() })
      .where(eq(portgroups.id, group.id))
      .returning()
    if (row === undefined) throw new ObjectNotFound('Portgroup', group.uuid)
    return row
  } catch (error) {
    const fault = databaseFault(error)
    if (fault?.code !== '23505') throw error
    throw fault.constraint === 'uniq_portgroups0name'
      ? new Conflict(`A portgroup with name ${changes.name} already exists.`)
      : new Conflict(`A portgroup with MAC address ${changes.address} already exists.`)
  }
}

/**
 * Removes a port group that has no ports.
 * @throws NodeLocked, Invalid
 */
export async function destroyPortgroup(
  ctx: AppContext,
  caller: Caller,
  group: PortgroupRow,
): Promise<void> {
  await withNode(ctx, caller, nodeOf(group), { purpose: 'portgroup deletion' }, async () => {
    if ((await members(ctx.db.orm, group)).length > 0) {
      // The internal id is what upstream prints.
      throw new Invalid(
        `Cannot complete the requested action because portgroup ${group.id} contains ports.`,
      )
    }
    const gone = await ctx.db.orm
      .delete(portgroups)
      .where(eq(portgroups.id, group.id))
      .returning({ id: portgroups.id })
    if (gone.length === 0) throw new ObjectNotFound('Portgroup', group.uuid)
  })
}

/**
 * Puts a port group and all its ports into a physical network.
 * @throws NodeLocked, ObjectNotFound
 */
export async function setPortgroupPhysicalNetwork(
  ctx: AppContext,
  caller: Caller,
  group: PortgroupRow,
  physicalNetwork: string | null,
): Promise<PortgroupRow> {
  const options = { purpose: 'portgroup physical_network update' }
  return await withNode(ctx, caller, nodeOf(group), options, () =>
    ctx.db.orm.transaction(async (tx) => {
      const set = { physicalNetwork, updatedAt: ctx.clock.now() }
      await tx.update(ports).set(set).where(eq(ports.portgroupId, group.id))
      const [row] = await tx
        .update(portgroups)
        .set(set)
        .where(eq(portgroups.id, group.id))
        .returning()
      if (row === undefined) throw new ObjectNotFound('Portgroup', group.uuid)
      return row
    }),
  )
}

/** @throws ObjectNotFound for a group of no node, which only a damaged database has */
function nodeOf(group: Pick<PortgroupRow, 'nodeId'>): number {
  if (group.nodeId === null) throw new ObjectNotFound('Node', 'None')
  return group.nodeId
}
