import { InvalidParameterValue, PowerStateFailure } from '../../errors.js'
import { agentCommand } from '../agent/call.js'
import { dropOwnToken } from '../agent/token.js'
import { dropInfo } from '../internal-info.js'
import { agentIsAlive, fastTrackEnabled } from '../agent/alive.js'
import type { PowerInterface, Task } from '../interfaces.js'

/** Power of a machine whose ramdisk runs and that nothing else can switch (`agent_power.py`). */
export const agentPower: PowerInterface = {
  name: 'agent',
  kind: 'power',
  properties: {},
  supportsPowerSync: false,
  needsAgent: true,
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
  async setPowerState(task, target) {
    if (target !== 'rebooting' && target !== 'soft rebooting') throw new PowerStateFailure(target)
    await reboot(task)
  },
  reboot,
}

/** The machine needs as long to go down; until then the old agent may still answer. */
const goesDownMs = 30_000

/**
 * The agent reboots the machine it runs on (`AgentPower.reboot`). That it comes back shows in its
 * heartbeats; flows wait for these.
 */
async function reboot(task: Task): Promise<void> {
  await agentCommand(task, 'standby.run_image', {})
  dropOwnToken(task.node)
  dropInfo(task.node, ['agent_url'])
  await task.save()
  await task.ctx.clock.sleep(goesDownMs, task.signal)
}
