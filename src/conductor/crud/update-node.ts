import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { allocations } from '../../db/schema/index.js'
import { interfaceKinds } from '../../drivers/interfaces.js'
import { InvalidParameterValue, InvalidState, NodeAssociated } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { interfaceUpdateStates } from '../state/states.js'
import { withNode } from '../node/with-node.js'
import { asNodeFault, checkProperties } from './node-faults.js'
import { routeForWrite } from './route.js'

/** Columns with their new values. */
export type NodeChanges = Partial<NodeRow>

export interface UpdateOptions {
  /** Interfaces that are not among the changes go back to the new driver's defaults. */
  readonly resetInterfaces?: boolean
}

/** `interfaceUpdateStates` as upstream prints it. */
const allowedStates = 'enroll, inspecting, inspect wait, manageable, available'

/**
 * Changes columns of a node that clients may change (docs/reference/conductor.md, 2.2).
 * @param before the row the changes were made from
 * @param changes columns with values that differ; empty still touches `updated_at`
 * @returns the value of the lock it was made under
 * @throws NoValidHost 400; Invalid 400; InvalidState, NodeAssociated, NodeLocked, Conflict 409
 */
export async function updateNode(
  ctx: AppContext,
  caller: Caller,
  before: NodeRow,
  changes: NodeChanges,
  options: UpdateOptions = {},
): Promise<string | null> {
  const after: NodeRow = { ...before, ...changes }
  await routeForWrite(ctx, after)
  const write = {
    ...changes,
    ...consequences(after, changes),
    ...chooseInterfaces(ctx, after, changes, options),
  }
  checkProperties(before.uuid, after.properties)
  const lock = { purpose: 'node update', loadDriver: false }
  try {
    return await withNode(ctx, caller, before.id, lock, async (task) => {
      await store(task, write)
      return task.node.reservation
    })
  } catch (e) {
    throw asNodeFault(e, before.uuid, write)
  }
}

/** What follows from the changes, and what they must not do, before the node is locked. */
function consequences(after: NodeRow, changes: NodeChanges): NodeChanges {
  const out: { -readonly [K in keyof NodeRow]?: NodeRow[K] } = {}
  if ('maintenance' in changes && !after.maintenance) {
    out.maintenanceReason = null
    out.fault = null
  }
  if ('protected' in changes) {
    if (!after.protected) out.protectedReason = null
    else checkProtectable(after)
  }
  if ('retired' in changes) {
    if (!after.retired) out.retiredReason = null
    else checkRetirable(after)
  }
  checkReasons({ ...after, ...out }, changes)
  return out
}

function checkProtectable({ uuid, provisionState: state }: NodeRow): void {
  if (state === 'active' || state === 'rescue') return
  throw new InvalidState(
    `Node ${uuid} can only be made protected in provision states 'active' or 'rescue', the current state is '${state}'`,
  )
}

function checkRetirable({ uuid, provisionState: state }: NodeRow): void {
  if (state !== 'available') return
  throw new InvalidState(
    `Node ${uuid} can not have 'retired' set in provision state 'available', the current state is '${state}'`,
  )
}

function checkReasons(after: NodeRow, changes: NodeChanges): void {
  for (const flag of ['protected', 'retired'] as const) {
    const reason = `${flag}Reason` as const
    if (reason in changes && after[reason] && !after[flag]) {
      throw new InvalidParameterValue(
        `The ${flag}_reason field can only be set when ${flag} is True`,
      )
    }
  }
}

/** Checks and completes the interfaces when they or the driver change. */
function chooseInterfaces(
  ctx: AppContext,
  after: NodeRow,
  changes: NodeChanges,
  { resetInterfaces = false }: UpdateOptions,
): NodeChanges {
  const wanted = { ...after }
  let check = 'driver' in changes
  for (const kind of interfaceKinds) {
    const column = `${kind}Interface` as const
    if (column in changes) {
      checkInterfaceState(after, `${kind}_interface`)
      check = true
    } else if (resetInterfaces && 'driver' in changes) wanted[column] = null
  }
  return check ? ctx.drivers.resolveInterfaces(wanted) : {}
}

const mayChange = (state: string) => interfaceUpdateStates.has(state)

function checkInterfaceState(node: NodeRow, field: string): void {
  const { uuid, provisionState: state, maintenance } = node
  if (mayChange(state) || maintenance) return
  throw new InvalidState(
    `Node ${uuid} can not have ${field} updated unless it is in one of allowed (${allowedStates}) states or in maintenance mode. Current state is '${state}'.`,
  )
}

async function store(task: NodeTask, write: NodeChanges): Promise<void> {
  const { ctx, node } = task
  checkReserved(node, write)
  const freed = 'instanceUuid' in write && !write.instanceUuid ? node.allocationId : null
  Object.assign(node, write)
  if (freed !== null) {
    await ctx.db.orm.delete(allocations).where(eq(allocations.id, freed))
    node.allocationId = null
  }
  await task.finish()
}

/** What only the locked row can tell. */
function checkReserved(node: Readonly<NodeRow>, write: NodeChanges): void {
  const { uuid, instanceUuid, provisionState: state } = node
  if (write.instanceUuid && instanceUuid) throw new NodeAssociated(uuid, instanceUuid)
  if ('resourceClass' in write && node.resourceClass && !mayChange(state)) {
    throw new InvalidState(
      `Node ${uuid} can not have resource_class updated unless it is in one of allowed (${allowedStates}) states. Current state is '${state}'.`,
    )
  }
  const leaves = 'instanceUuid' in write && !write.instanceUuid && node.allocationId !== null
  if (leaves && !node.maintenance && !mayChange(state)) {
    throw new InvalidState(
      `Node ${uuid} with an allocation can not have instance_uuid removed unless it is in one of allowed (${allowedStates}) states or in maintenance mode. Current state is '${state}'.`,
    )
  }
}
