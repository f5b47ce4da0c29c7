import { InvalidParameterValue } from '../../errors.js'
import { agentIsAlive, fastTrackEnabled } from '../agent-alive.js'
import type { PowerInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Power of a machine whose ramdisk runs and that nothing else can switch (`agent_power.py`). */
export const agentPower: PowerInterface = {
  name: 'agent',
  kind: 'power',
  properties: {},
  supportsPowerSync: false,
  supportedPowerStates: () => ['rebooting', 'soft rebooting'],

  async validate(task) {
    await Promise.resolve()
    if (!fastTrackEnabled(task)) {
      throw new InvalidParameterValue(
        'Fast track mode must be enabled to use the agent power interface',
      )
    }
    if (!agentIsAlive(task)) {
      throw new InvalidParameterValue(
        `Agent seems offline for node ${task.node.uuid}, the agent power interface cannot be used`,
      )
    }
  },

  getPowerState: (task) => Promise.resolve(agentIsAlive(task) ? 'power on' : null),
  setPowerState: refuse('set_power_state'),
  reboot: refuse('reboot'),
}
