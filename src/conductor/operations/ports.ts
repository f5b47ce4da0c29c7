import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow, PortRow } from '../../db/rows.js'
import { ports } from '../../db/schema/index.js'
import { Conflict, databaseFault, InvalidState, ObjectNotFound } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { portConnectivityStates } from '../state/states.js'
import { withNode } from '../node/with-node.js'
import { changedKeys } from './changes.js'
import { validatePhysicalNetwork } from './physical-network.js'

export type PortInsert = typeof ports.$inferInsert

/** The columns that say how a port is wired, in the order they are named in the refusal. */
const connectivity = [
  'localLinkConnection',
  'physicalNetwork',
  'portgroupId',
  'pxeEnabled',
] as const

/**
 * Adds a port to a node. The node need not be free.
 * @throws ObjectNotFound, Conflict for a taken address, name or uuid or another physical network
 */
export async function createPort(
  ctx: AppContext,
  caller: Caller,
  values: PortInsert & { nodeId: number },
): Promise<PortRow> {
  const options = { purpose: 'port create', shared: true }
  return await withNode(ctx, caller, values.nodeId, options, async () => {
    await validatePhysicalNetwork(ctx, values)
    // Upstream blames the UUID for a name that is taken when a port is created.
    const { name: _, ...blamed } = values
    return await writing(blamed, async () => {
      const [row] = await ctx.db.orm.insert(ports).values(values).returning()
      return row as PortRow
    })
  })
}

/**
 * Changes a port.
 * @param port the row as it is; `changes` the columns to set
 * @throws NodeLocked, InvalidState, Conflict, Invalid
 */
export async function updatePort(
  ctx: AppContext,
  caller: Caller,
  port: PortRow,
  changes: Partial<PortRow>,
): Promise<PortRow> {
  const options = { purpose: 'port update' }
  return await withNode(ctx, caller, nodeOf(port), options, async (task) => {
    const after = { ...port, ...changes }
    const changed = changedKeys(port, changes)
    checkState(port, changed, task.node)
    if (changed.has('portgroupId') || changed.has('physicalNetwork')) {
      await validatePhysicalNetwork(ctx, after)
    }
    await task.driver.network.validate(task)
    await task.driver.network.portChanged(task, port, after)
    if (changed.size === 0) return port
    return await writing(changes, async () => {
      const [row] = await ctx.db.orm
        .update(ports)
        .set({ ...changes, updatedAt: ctx.clock.now() })
        .where(eq(ports.id, port.id))
        .returning()
      if (row === undefined) throw new ObjectNotFound('Port', port.uuid)
      return row
    })
  })
}

function checkState(port: PortRow, changed: ReadonlySet<keyof PortRow>, node: NodeRow): void {
  if (node.maintenance === true) return
  const inUse = node.provisionState === 'active' || node.instanceUuid !== null
  if (inUse && changed.has('address')) {
    throw new InvalidState(
      `Cannot update hardware address for port ${port.uuid} as node ${node.uuid} is active or has instance UUID assigned`,
    )
  }
  const rewired = connectivity.some((key) => changed.has(key))
  if (!rewired || portConnectivityStates.has(node.provisionState)) return
  throw new InvalidState(
    `Port ${port.uuid} can not have any connectivity attributes (local_link_connection, physical_network, portgroup_id, pxe_enabled) updated unless node ${node.uuid} is in a ${connectivityStates} state or in maintenance mode. The current state is ${node.provisionState}.`,
  )
}

/** The states in upstream's order. */
export const connectivityStates = 'enroll, inspecting, inspect wait, manageable'

/**
 * Removes a port.
 * @throws NodeLocked, InvalidState while a VIF is attached to it
 */
export async function destroyPort(ctx: AppContext, caller: Caller, port: PortRow): Promise<void> {
  await withNode(ctx, caller, nodeOf(port), { purpose: 'port deletion' }, async (task) => {
    const vif = task.driver.network.currentVif?.(task, port) ?? null
    if (vif !== null && task.node.maintenance !== true) {
      throw new InvalidState(
        `Cannot delete the port ${port.uuid} as it is bound to VIF ${vif} for use.`,
      )
    }
    const gone = await ctx.db.orm.delete(ports).where(eq(ports.id, port.id)).returning()
    if (gone.length === 0) throw new ObjectNotFound('Port', port.uuid)
  })
}

/** @throws ObjectNotFound for a port of no node, which only a damaged database has */
function nodeOf(port: PortRow): number {
  if (port.nodeId === null) throw new ObjectNotFound('Node', 'None')
  return port.nodeId
}

/** Names the value that is taken already. */
async function writing<T>(values: Partial<PortInsert>, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const fault = databaseFault(error)
    if (fault?.code !== '23505') throw error
    throw new Conflict(takenText(fault.constraint, values))
  }
}

function takenText(constraint: string | undefined, values: Partial<PortInsert>): string {
  const { address, name, uuid } = values
  if (constraint === 'uniq_ports0address')
    return `A port with MAC address ${address} already exists.`
  if (constraint === 'uniq_ports0name' && name) return `A port with name ${name} already exists.`
  return `A port with UUID ${uuid} already exists.`
}
