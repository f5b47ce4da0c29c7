import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import type { RescueInterface, Task } from '../interfaces.js'
import { pythonStr } from '../../python/repr.js'
import { prepareAgentBoot, whileOff } from '../agent/boot.js'
import { unsupported } from '../support.js'

/** Rescue by the agent's ramdisk (`AgentRescue` in `drivers/modules/agent.py`). */
export const agentRescue: RescueInterface = {
  name: 'agent',
  kind: 'rescue',
  properties: {},

  async validate(task) {
    const { boot, network } = task.driver
    const { uuid, instanceInfo } = task.node
    await network.validateRescue?.(task)
    if (task.ctx.config.agent.manage_agent_boot) {
      await boot.validate(task)
      if (boot.validateRescue === undefined) throw unsupported(task, 'validate_rescue')
      await boot.validateRescue(task)
    }
    const password = instanceInfo?.['rescue_password']
    if (password === undefined || password === null) {
      throw new MissingParameterValue(
        `Node ${uuid} is missing 'instance_info/rescue_password'. It is required for rescuing node.`,
      )
    }
    if (pythonStr(password).trim() === '') {
      throw new InvalidParameterValue(
        `The 'instance_info/rescue_password' is an empty string for node ${uuid}. The 'rescue_password' must be a non-empty string value.`,
      )
    }
  },

  async rescue(task) {
    const { boot, network } = task.driver
    await whileOff(task, async () => {
      await boot.cleanUpInstance(task)
      await network.unconfigureTenantNetworks(task)
      await network.addNetwork(task, 'rescuing')
      if (task.ctx.config.agent.manage_agent_boot) await prepareAgentBoot(task)
    })
    return 'rescue wait'
  },

  async unrescue(task) {
    const { boot, network } = task.driver
    await whileOff(task, async () => {
      await cleanUp(task)
      await network.configureTenantNetworks(task)
      await boot.prepareInstance(task)
    })
    return 'active'
  },

  cleanUp,
}

/** The passwords go, and what was set up for the ramdisk. */
async function cleanUp(task: Task): Promise<void> {
  const {
    rescue_password: _plain,
    hashed_rescue_password: _hashed,
    ...rest
  } = task.node.instanceInfo ?? {}
  task.node.instanceInfo = rest
  await task.save()
  if (task.ctx.config.agent.manage_agent_boot) await task.driver.boot.cleanUpRamdisk(task)
  await task.driver.network.removeNetwork(task, 'rescuing')
}
