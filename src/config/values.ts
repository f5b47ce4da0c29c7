import type { Option } from './declare.js'

/** Why a text is not a value of an option's type. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  on: true,
  yes: true,
  false: false,
  '0': false,
  off: false,
  no: false,
}

function readBool(text: string): boolean {
  const value = truths[text.trim().toLowerCase()]
  if (value === undefined) throw new ValueError('expected true or false (yes, no, on, off, 1, 0)')
  return value
}

function readNumber(text: string, pattern: RegExp, kind: string): number {
  const digits = text.trim()
  if (!pattern.test(digits)) throw new ValueError(`expected ${kind}`)
  return Number(digits.replaceAll('_', ''))
}

/** Python's spellings of numbers, which operators' files may hold. */
const integer = /^[+-]?\d+(?:_\d+)*$/
const decimal = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/

function readList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function readDict(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const pair of readList(text)) {
    const colon = pair.indexOf(':')
    if (colon < 1) throw new ValueError(`expected key:value pairs, found ${JSON.stringify(pair)}`)
    const key = pair.slice(0, colon).trim()
    if (Object.hasOwn(out, key)) throw new ValueError(`the key ${JSON.stringify(key)} is repeated`)
    out[key] = pair.slice(colon + 1).trim()
  }
  return out
}

function readOne(option: Option<unknown>, text: string): unknown {
  switch (option.type) {
    case 'str':
    case 'multi':
      return text
    case 'bool':
      return readBool(text)
    case 'int':
      return readNumber(text, integer, 'a whole number')
    case 'float':
      return readNumber(text, decimal, 'a number')
    case 'list':
      return readList(text)
    case 'dict':
      return readDict(text)
  }
}

function checkRange({ min, max }: Option<unknown>, value: number): void {
  if (min !== undefined && value < min) throw new ValueError(`must be ${min} or more`)
  if (max !== undefined && value > max) throw new ValueError(`must be ${max} or less`)
}

function checkText({ choices, pattern }: Option<unknown>, value: string): void {
  if (pattern && !pattern.matches.test(value)) throw new ValueError(`expected ${pattern.expected}`)
  if (choices && !choices.includes(value)) {
    throw new ValueError(`must be one of ${choices.join(', ')}`)
  }
}

/** oslo.config reads an empty number as unset; text and lists may be empty. */
function isUnset(option: Option<unknown>, text: string): boolean {
  return text.trim() === '' && (option.type === 'int' || option.type === 'float')
}

/**
 * Turns an option's text into its value.
 * @param texts one text, or all of them for an option that may be repeated
 * @throws ValueError saying what was expected
 * @see oslo.config `types.py` for the spellings
 */
export function readValue(option: Option<unknown>, texts: readonly string[]): unknown {
  if (option.type === 'multi') return texts
  const text = (option.repeated ? texts.join(',') : texts.at(-1)) ?? ''
  if (isUnset(option, text)) {
    if (option.default !== null) throw new ValueError('a value is needed')
    return null
  }
  const value = readOne(option, text)
  if (typeof value === 'number') checkRange(option, value)
  if (typeof value === 'string') checkText(option, value)
  if (Array.isArray(value)) for (const item of value) checkText(option, String(item))
  return value
}

/** An option's value as `$name` inserts it and `ferric config` prints it. */
export function writeValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'object') return `${value as string | number | boolean}`
  return Object.entries(value)
    .map(([key, item]) => `${key}:${String(item)}`)
    .join(',')
}
