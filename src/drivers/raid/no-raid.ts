import type { RaidInterface } from '../interfaces.js'
import { refuse } from '../support.js'
import { logicalDiskProperties } from './schema.js'

export const noRaid: RaidInterface = {
  name: 'no-raid',
  kind: 'raid',
  properties: {},
  logicalDiskProperties,
  validate: refuse('raid'),
  validateRaidConfig: refuse('raid'),
}
