import { fakeDelay } from '../fake-delay.js'
import type { StorageInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'

const wait = (task: Task): Promise<void> => fakeDelay(task, 'storage_delay')

/** Storage without volumes (`drivers/modules/fake.py`). */
export const fakeStorage: StorageInterface = {
  name: 'fake',
  kind: 'storage',
  properties: {},
  validate: nothing,
  attachVolumes: wait,
  detachVolumes: wait,
  shouldWriteImage: () => Promise.resolve(true),
}
