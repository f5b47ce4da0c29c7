import { errorText } from '../../error-text.js'
import { AgentAPIError, InstanceRescueFailure, IronicError, ServerError } from '../../errors.js'
import { commandError, type CommandResult } from '../../protocols/ipa/result.js'
import type { Task } from '../interfaces.js'
import { agentCommand } from './call.js'

const command = 'rescue.finalize_rescue'

/**
 * Gives the ramdisk its password, after which it is the rescue system and no agent any more
 * (`agent_base.py`, _finalize_rescue).
 * @throws InstanceRescueFailure
 */
export async function finalizeRescue(task: Task): Promise<void> {
  const { instanceUuid, uuid } = task.node
  let result: CommandResult
  try {
    result = await finalize(task)
  } catch (error) {
    task.signal.throwIfAborted()
    if (!(error instanceof IronicError)) throw error
    throw new InstanceRescueFailure(instanceUuid, uuid, errorText(error))
  }
  if (result.command_status === 'SUCCEEDED') return
  throw new InstanceRescueFailure(
    instanceUuid,
    uuid,
    `Agent returned bad result for command finalize_rescue: ${commandError(result)}`,
  )
}

async function finalize(task: Task): Promise<CommandResult> {
  const { hashed_rescue_password: hashed, rescue_password: plain } = task.node.instanceInfo ?? {}
  if (typeof hashed !== 'string' || hashed === '') {
    throw new ServerError('Agent rescue requires rescue_password in instance_info')
  }
  try {
    return await agentCommand(task, command, { rescue_password: hashed, hashed: true })
  } catch (error) {
    if (!(error instanceof AgentAPIError)) throw error
    if (task.ctx.config.conductor.require_rescue_password_hashed || typeof plain !== 'string') {
      throw new ServerError(
        'Unable to rescue node due to an out of date agent ramdisk. Please contact the administrator to update the rescue ramdisk to contain an ironic-python-agent version of at least 6.0.0.',
        error,
      )
    }
    return await agentCommand(task, command, { rescue_password: plain })
  }
}
