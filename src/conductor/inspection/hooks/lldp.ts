/** The few LLDP values a port's `local_link_connection` takes (IEEE 802.1AB, 8.5). */
const chassisId = 1
const portId = 2
const systemName = 5

const mac = (bytes: Buffer): string =>
  [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(':')

/**
 * Reads `[type, hexadecimal value]` pairs as the ramdisk sends them.
 * @returns `switch_id`, `port_id` and `switch_info`, as far as they can be read
 */
export function linkOf(tlvs: unknown): Record<string, string> {
  if (!Array.isArray(tlvs)) return {}
  const link: Record<string, string> = {}
  for (const tlv of tlvs as unknown[]) {
    if (!Array.isArray(tlv)) continue
    const [type, hex] = tlv as unknown[]
    if (typeof hex !== 'string' || !/^([0-9a-f]{2})+$/i.test(hex)) continue
    const [name, value] = read(Number(type), Buffer.from(hex, 'hex')) ?? []
    if (name !== undefined && value) link[name] = value
  }
  return link
}

/** Subtype 4 of a chassis and 3 of a port are MAC addresses; 5 to 7 of a port are texts. */
function read(type: number, value: Buffer): [string, string] | null {
  const [subtype, rest] = [value[0] ?? 0, value.subarray(1)]
  if (type === systemName) return ['switch_info', value.toString('utf8')]
  if (type === chassisId)
    return subtype === 4 && rest.length === 6 ? ['switch_id', mac(rest)] : null
  if (type !== portId) return null
  if (subtype === 3) return rest.length === 6 ? ['port_id', mac(rest)] : null
  return [1, 2, 5, 7].includes(subtype) ? ['port_id', rest.toString('utf8')] : null
}
