/** Values as columns take them, read as upstream's object fields read them (docs/reference/objects.md). */
import { pythonLiteral } from '../../../python/literal.js'
import { pythonStr } from '../../../python/repr.js'
import { pythonType } from '../../../python/compare.js'
import { isMacAddress } from '../../../identifiers.js'
import { isObject, type Plain } from '../plain.js'

/** Columns that are never without a value, whatever the table allows. */
const required = new Set([
  'maintenance',
  'console_enabled',
  'protected',
  'pxe_enabled',
  'conductor_group',
])
/** Upstream takes every text but the empty one for true; these are meant otherwise. */
const falseWords = ['false', 'no', 'off', '0', 'f', 'n']

/**
 * A value for a whole column.
 * @param type of the column, as drizzle names it
 * @throws TypeError, SyntaxError on what it cannot hold
 */
export function coerced(name: string, type: string, value: unknown): unknown {
  if (value === null || value === undefined) {
    if (required.has(name)) throw new TypeError(`Field \`${name}' cannot be None`)
    return null
  }
  if (name === 'address') return macAddress(value)
  if (type === 'boolean') return truth(value)
  if (type === 'json') return dictionary(value)
  if (type !== 'string') return value
  return name === 'conductor_group' ? text(name, value).toLowerCase() : text(name, value)
}

function macAddress(value: unknown): string {
  const given = typeof value === 'string' ? value.toLowerCase() : value
  if (isMacAddress(given)) return given as string
  throw new TypeError(`Expected a MAC address but received ${pythonStr(value)}.`)
}

function truth(value: unknown): boolean {
  if (typeof value === 'string' && falseWords.includes(value.toLowerCase())) return false
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'object') return pythonStr(value)
  throw new TypeError(`A string is required in field ${name}, not a ${pythonType(value)}`)
}

/** An object, the text of one, or a list of its members. */
function dictionary(value: unknown): Plain {
  const read = typeof value === 'string' ? pythonLiteral(value) : value
  if (isObject(read)) return read
  if (!Array.isArray(read)) throw new TypeError(`'${pythonType(read)}' object is not iterable`)
  return Object.fromEntries(read.map(pair))
}

function pair(member: unknown, at: number): [string, unknown] {
  const items: readonly unknown[] = Array.isArray(member) ? member : []
  if (items.length === 2) return [pythonStr(items[0]), items[1]]
  throw new TypeError(
    `dictionary update sequence element #${at} has length ${items.length}; 2 is required`,
  )
}
