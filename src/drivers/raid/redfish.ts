import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { isTruthy } from '../driver-info/fields.js'
import { redfishProperties } from '../driver-info/redfish.js'
import type { RaidInterface } from '../interfaces.js'
import { genericRaid } from './generic.js'
import { logicalDiskProperties } from './schema.js'

/** RAID by Redfish (`drivers/modules/redfish/raid.py`). */
export const redfishRaid: RaidInterface = {
  name: 'redfish',
  kind: 'raid',
  properties: redfishProperties,
  logicalDiskProperties,
  async validateRaidConfig(task, config) {
    await genericRaid.validateRaidConfig(task, config)
    const disks = config['logical_disks'] as JsonObject[]
    if (disks.some((disk) => disk['interface_type'] === 'scsi')) {
      throw new InvalidParameterValue('interface type `scsi` not supported by Redfish RAID')
    }
  },
  async validate(task) {
    const target = task.node.targetRaidConfig
    if (isTruthy(target)) await redfishRaid.validateRaidConfig(task, target ?? {})
  },
}
export const idracRaid: RaidInterface = { ...redfishRaid, name: 'idrac-redfish' }
