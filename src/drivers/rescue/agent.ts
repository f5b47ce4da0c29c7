import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import type { RescueInterface } from '../interfaces.js'
import { pythonStr } from '../../python-repr.js'
import { refuse, unsupported } from '../support.js'

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

  rescue: refuse('rescue'),
  unrescue: refuse('unrescue'),
  cleanUp: refuse('clean_up'),
}
