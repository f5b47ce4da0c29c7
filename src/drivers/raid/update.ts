import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import { nodeCapabilities } from '../driver-info/capabilities.js'
import type { Task } from '../interfaces.js'

/**
 * Notes the RAID a machine has now, and what schedulers and deployments are to know of its root
 * volume (`common/raid.py`, update_raid_info).
 * @throws InvalidParameterValue for several root volumes
 */
export function noteRaid({ node, ctx }: Task, config: JsonObject): void {
  const root = rootVolume(config)
  const now = ctx.clock.now().toISOString().replace('T', ' ').replace('Z', '000')
  node.raidConfig = { ...config, last_updated: now }
  if (root === null) return
  const { size_gb: size, root_device_hint: hint, raid_level: level } = root
  const capabilities = { ...nodeCapabilities(node), raid_level: pythonStr(level) }
  node.properties = {
    ...node.properties,
    ...(size === 'MAX' ? {} : { local_gb: Math.trunc(Number(size)) }),
    ...(hint === undefined ? {} : { root_device: hint }),
    capabilities: Object.entries(capabilities)
      .map((pair) => pair.join(':'))
      .join(','),
  }
}

function rootVolume(config: JsonObject): JsonObject | null {
  const disks = Array.isArray(config['logical_disks']) ? config['logical_disks'] : []
  const roots = (disks as JsonObject[]).filter((disk) => disk['is_root_volume'] === true)
  if (roots.length > 1) {
    throw new InvalidParameterValue('Raid config cannot have more than one root volume')
  }
  return roots[0] ?? null
}
