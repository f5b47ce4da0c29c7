import { fakeDelay } from '../fake-delay.js'
import type { InspectInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** Inspection that finds nothing and is done at once (`drivers/modules/fake.py`). */
export const fakeInspect: InspectInterface = {
  name: 'fake',
  kind: 'inspect',
  properties: {},
  validate: nothing,
  async inspectHardware(task) {
    await fakeDelay(task, 'inspect_delay')
    return 'manageable'
  },
}
