import type { RaidInterface } from '../interfaces.js'
import { genericRaid } from './generic.js'
import { logicalDiskProperties } from './schema.js'

/**
 * RAID that is only checked. Upstream's create and delete are no steps, so nothing ever
 * calls them and they do not exist here (`drivers/modules/fake.py`).
 */
export const fakeRaid: RaidInterface = {
  name: 'fake',
  kind: 'raid',
  properties: {},
  logicalDiskProperties,
  ...genericRaid,
}
