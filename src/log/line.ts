import { isSecretKey, MASK, maskText } from '../mask.js'
import { errorFields } from './error-fields.js'

/** Bytes of one line of the log, whatever its fields hold. */
export const mostBytes = 16 * 1024
/** What pino and child loggers add to the fields and the text: level, time, names and ids. */
const reservedBytes = 1024
const mostTextBytes = 4 * 1024

/** How much of the fields is kept. */
interface Limits {
  readonly characters: number
  readonly items: number
  readonly depth: number
}

/** Tried in order until the fields fit. */
const ladder: readonly Limits[] = [
  { characters: 4096, items: 64, depth: 12 },
  { characters: 1024, items: 32, depth: 12 },
  { characters: 256, items: 16, depth: 6 },
  { characters: 64, items: 8, depth: 3 },
]

export type Fields = Readonly<Record<string, unknown>>

/**
 * A copy of a line's fields that is safe to write: errors as `errorFields`, secrets hidden by key and
 * by form, and bounded so that the line is no longer than `mostBytes`.
 * @param fields as the caller passed them
 * @param text the line's text, after `lineText`
 */
export function lineFields(fields: Fields, text: string): Fields {
  const room = mostBytes - reservedBytes - bytesOf(text)
  for (const limits of ladder) {
    const copy = copyObject(fields, limits, 0)
    if (bytesOf(copy) <= room) return copy
  }
  return { truncated: true }
}

/** The text of a line, bounded and without secrets. */
export function lineText(text: string): string {
  const short = shortened(text, 2048)
  return bytesOf(short) <= mostTextBytes ? short : shortened(text, 512)
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

function copyObject(object: Fields, limits: Limits, depth: number): Fields {
  const entries = Object.entries(object)
  const copy: Record<string, unknown> = {}
  for (const [key, value] of entries.slice(0, limits.items)) {
    const name = key.length <= 128 ? key : `${key.slice(0, 128)} …`
    copy[name] = isSecretKey(key) && isCovered(value) ? MASK : copyOf(value, limits, depth)
  }
  if (entries.length > limits.items) copy['more'] = entries.length - limits.items
  return copy
}

/** Flags and absent values of a secret's key say nothing that must be hidden. */
const isCovered = (value: unknown): boolean =>
  value !== null && value !== undefined && typeof value !== 'boolean'

function copyOf(value: unknown, limits: Limits, depth: number): unknown {
  if (typeof value === 'string') return shortened(value, limits.characters)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (depth >= limits.depth) return '…'
  if (value instanceof Error) return copyObject(errorFields(value), limits, depth + 1)
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return copyList(value as unknown[], limits, depth + 1)
  return copyObject(value as Fields, limits, depth + 1)
}

function copyList(list: readonly unknown[], limits: Limits, depth: number): unknown[] {
  const copy = list.slice(0, limits.items).map((item) => copyOf(item, limits, depth))
  return list.length > limits.items ? [...copy, `… ${list.length - limits.items} more`] : copy
}

/** Some characters beyond the limit are looked at too, so that no secret loses the end that marks it. */
const marginCharacters = 512

function shortened(text: string, characters: number): string {
  const hidden = maskText(text.slice(0, characters + marginCharacters))
  return hidden.length <= characters && text.length <= characters + marginCharacters
    ? hidden
    : `${hidden.slice(0, characters)} …`
}
