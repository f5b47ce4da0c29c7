import { fakeDelay } from '../fake-delay.js'
import type { RescueInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** Rescue without a ramdisk (`drivers/modules/fake.py`). */
export const fakeRescue: RescueInterface = {
  name: 'fake',
  kind: 'rescue',
  properties: {},
  validate: nothing,
  async rescue(task) {
    await fakeDelay(task, 'rescue_delay')
    return 'rescue'
  },
  async unrescue(task) {
    await fakeDelay(task, 'rescue_delay')
    return 'active'
  },
  cleanUp: nothing,
}
