import { fakeDelay } from '../fake-delay.js'
import type { FirmwareInterface, StepResult } from '../interfaces.js'
import { nothing } from '../support.js'

/** Firmware that updates by waiting (`drivers/modules/fake.py`). */
export const fakeFirmware: FirmwareInterface = {
  name: 'fake',
  kind: 'firmware',
  properties: {},
  steps: [
    {
      step: 'update',
      kind: 'clean',
      priority: 0,
      argsinfo: {
        settings: {
          description:
            'List of Firmware components, each item needs to contain a dictionary with name/value pairs',
          required: true,
        },
      },
      async run(task): Promise<StepResult> {
        await fakeDelay(task, 'firmware_delay')
        return undefined
      },
    },
  ],
  validate: nothing,
  cacheFirmwareComponents: (task) => fakeDelay(task, 'firmware_delay'),
}
