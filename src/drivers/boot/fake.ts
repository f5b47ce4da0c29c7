import { fakeDelay } from '../fake-delay.js'
import type { BootInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'

const wait = (task: Task): Promise<void> => fakeDelay(task, 'boot_delay')

/** Boot that needs no ramdisk and no image (`drivers/modules/fake.py`). */
export const fakeBoot: BootInterface = {
  name: 'fake',
  kind: 'boot',
  properties: {},
  capabilities: ['ipxe_boot', 'pxe_boot'],
  validate: nothing,
  prepareRamdisk: wait,
  cleanUpRamdisk: wait,
  prepareInstance: wait,
  cleanUpInstance: wait,
}
