import type { AppContext } from '../../context.js'
import { InstanceRescueFailure, Invalid, NodeInMaintenance } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { dropInfo, wipeTokenAndUrl } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { hashPassword } from './rescue-password.js'
import type { NodeIdent } from '../lock/reservation.js'
import { withNode } from '../node/with-node.js'
import { accept } from './accept.js'
import { InstanceUnrescueFailure } from './errors.js'

/**
 * Accepts rescue (docs/reference/conductor.md 9.4). A refusal stores nothing, the password least of all.
 * @throws NodeInMaintenance, InstanceRescueFailure (500), InvalidStateRequested, NodeLocked
 */
export async function rescue(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  password: string,
): Promise<void> {
  await withNode(ctx, caller, ident, { purpose: 'node rescue', priority: 'verb' }, async (task) => {
    const { node } = task
    if (node.maintenance) throw new NodeInMaintenance('rescuing', node.uuid)
    wipeTokenAndUrl(node)
    const algorithm = ctx.config.conductor.rescue_password_hash_algorithm
    node.instanceInfo = {
      ...node.instanceInfo,
      rescue_password: password,
      hashed_rescue_password: hashPassword(password, algorithm === 'sha512' ? 'sha512' : 'sha256'),
    }
    await validateRescue(task)
    accept(task, 'rescue', { callback: true })
    await task.spawn('rescue')
  })
}

async function validateRescue(task: NodeTask): Promise<void> {
  try {
    await task.driver.power.validate(task)
    await task.driver.rescue.validate(task)
    await task.driver.network.validate(task)
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    const { instanceUuid, uuid } = task.node
    throw new InstanceRescueFailure(instanceUuid, uuid, `Validation failed: ${error.message}`)
  }
}

/**
 * Accepts the end of rescue (docs/reference/conductor.md 9.5).
 * @throws NodeInMaintenance, InstanceUnrescueFailure (500), InvalidStateRequested, NodeLocked
 */
export async function unrescue(ctx: AppContext, caller: Caller, ident: NodeIdent): Promise<void> {
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'node unrescue', priority: 'verb' },
    async (task) => {
      const { node } = task
      dropInfo(node, ['agent_url'])
      if (node.maintenance) throw new NodeInMaintenance('unrescuing', node.uuid)
      try {
        await task.driver.power.validate(task)
      } catch (error) {
        if (!(error instanceof Invalid)) throw error
        const reason = `Validation failed: ${error.message}`
        throw new InstanceUnrescueFailure(node.instanceUuid, node.uuid, reason)
      }
      accept(task, 'unrescue', { callback: true })
      await task.spawn('unrescue')
    },
  )
}
