import type { StorageInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** No remote volumes (`drivers/modules/storage/noop.py`). */
export const noopStorage: StorageInterface = {
  name: 'noop',
  kind: 'storage',
  properties: {},
  validate: nothing,
  attachVolumes: nothing,
  detachVolumes: nothing,
  shouldWriteImage: () => Promise.resolve(true),
}
