import { InvalidParameterValue } from '../../errors.js'
import { fakeDelay } from '../fake-delay.js'
import type { PowerInterface } from '../interfaces.js'
import { nothing } from '../support.js'

const settable = ['power on', 'power off', 'soft rebooting', 'soft power off']

/** Power without hardware: the node's own record is the truth (`drivers/modules/fake.py`). */
export const fakePower: PowerInterface = {
  name: 'fake',
  kind: 'power',
  properties: {},
  supportsPowerSync: true,
  validate: nothing,

  async getPowerState(task) {
    await fakeDelay(task, 'power_delay')
    const { powerState } = task.node
    return powerState === 'power on' || powerState === 'power off' || powerState === 'error'
      ? powerState
      : null
  },

  async setPowerState(task, target) {
    await fakeDelay(task, 'power_delay')
    if (!settable.includes(target)) {
      throw new InvalidParameterValue(
        `set_power_state called with an invalid power state: ${target}.`,
      )
    }
    task.node.powerState = target
  },

  reboot: (task) => fakeDelay(task, 'power_delay'),
  supportedPowerStates: () => [
    'power on',
    'power off',
    'rebooting',
    'soft rebooting',
    'soft power off',
  ],
}
