import { isIP } from 'node:net'
import { isMacAddress, isUuidLike } from '../../identifiers.js'

/** A logical name: RFC 3986 unreserved characters, 1 to 255 of them. */
export function isLogicalName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9\-._~]{1,255}$/.test(value)
}

/**
 * What names of nodes had to look like before 1.10: host and domain labels, lower case, the way
 * upstream's expression has it.
 */
function isOldHostname(value: unknown): boolean {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  const form = new RegExp(`^${label}(\\.[a-z0-9_-]{0,62}[a-z0-9])*\\.?$`)
  return typeof value === 'string' && value.length <= 255 && form.test(value)
}

const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)?$/

/** Checks of the `format` keyword; a format not listed here accepts everything. */
export const formats: Readonly<Record<string, (value: string) => boolean>> = {
  uuid: isUuidLike,
  'mac-address': isMacAddress,
  'date-time': (v) => dateTime.test(v) && !Number.isNaN(Date.parse(v.replace(' ', 'T'))),
  ipv4: (v) => isIP(v) === 4,
  ipv6: (v) => isIP(v) === 6,
  'logical-name': isLogicalName,
  'old-hostname': isOldHostname,
}
