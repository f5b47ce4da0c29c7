import { isObject, type Plain } from '../plain.js'
import { readTlvs } from './lldp-tlvs.js'
import type { Hook } from './types.js'

/** More network cards than this nobody has: the rest of the list is left alone. */
const mostInterfaces = 64

/** Reads what the switches said into `plugin_data.parsed_lldp`, by interface. */
export const parseLldp: Hook = {
  name: 'parse-lldp',
  run({ task, inventory, pluginData }) {
    const raw = isObject(pluginData['lldp_raw']) ? pluginData['lldp_raw'] : {}
    const interfaces = Array.isArray(inventory['interfaces']) ? inventory['interfaces'] : []
    if (interfaces.length > mostInterfaces) {
      task.ctx.log.inspection.warn(
        { node: task.node.uuid, count: interfaces.length },
        'too many interfaces',
      )
    }
    const parsed = interfaces
      .slice(0, mostInterfaces)
      .filter(isObject)
      .flatMap((i) => entry(raw, i))
    if (parsed.length === 0) return
    const known = isObject(pluginData['parsed_lldp']) ? pluginData['parsed_lldp'] : {}
    pluginData['parsed_lldp'] = Object.fromEntries([...Object.entries(known), ...parsed])
  },
}

function entry(raw: Plain, found: Plain): [string, Plain][] {
  const { name } = found
  if (typeof name !== 'string') return []
  const own = Object.hasOwn(raw, name) ? raw[name] : undefined
  const values = readTlvs(Array.isArray(own) && own.length > 0 ? own : found['lldp'])
  return Object.keys(values).length === 0 ? [] : [[name, values]]
}
