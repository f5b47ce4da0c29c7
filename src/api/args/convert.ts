/** Argument readers with upstream's texts (`ironic/common/args.py`, docs/reference/rest-api.md section 5). */
import { isIP } from 'node:net'
import { Invalid, InvalidParameterValue } from '../../errors.js'
import type { ArgumentKind } from '../contract/types.js'
import { isMacAddress, isUuidLike } from '../../identifiers.js'
import { isLogicalName } from '../validation/formats.js'
import { isObject } from '../validation/json-schema.js'
import { pyStr } from '../validation/python-repr.js'

const trueWords = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const falseWords = new Set(['0', 'f', 'false', 'off', 'n', 'no'])
const wordList = "'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"

const fail = (text: string) => new InvalidParameterValue(text)

function string(name: string, value: unknown): string {
  if (typeof value !== 'string') throw fail(`Expected string for ${name}: ${pyStr(value)}`)
  return value
}

/** Upstream's words for true and false, any case, blanks around them ignored. */
export function boolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  const word = pyStr(value).trim().toLowerCase()
  if (trueWords.has(word)) return true
  if (falseWords.has(word)) return false
  throw fail(
    `Invalid ${name}: Unrecognized value '${pyStr(value)}', acceptable values are: ${wordList}`,
  )
}

/** As Python's `int()`. */
function integer(name: string, value: unknown): number {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value)
  // Python reads the digits of every script.
  const text = typeof value === 'string' ? value.normalize('NFKC').trim() : ''
  if (!/^[+-]?\d+(_\d+)*$/.test(text)) {
    throw fail(`Expected an integer for ${name}: ${pyStr(value)}`)
  }
  const n = Number(text.replaceAll('_', ''))
  return Math.max(Math.min(n, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}

function stringList(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((v) => string(name, v))
  const items = string(name, value).split(',')
  return [...new Set(items.map((i) => i.trim().toLowerCase()).filter((i) => i !== ''))]
}

function checked(test: (v: unknown) => boolean, what: string) {
  return (name: string, value: unknown): string => {
    if (!test(value)) throw fail(`Expected ${what} for ${name}: ${pyStr(value)}`)
    return value as string
  }
}

const uuidOrName = (v: unknown): boolean => isUuidLike(v) || isLogicalName(v)

function macAddress(name: string, value: unknown): string {
  if (!isMacAddress(value)) throw fail(`Expected valid MAC address for ${name}: ${pyStr(value)}`)
  return (value as string).toLowerCase()
}

function hostPort(name: string, value: unknown): string {
  const text = string(name, value)
  if (isIP(text) === 6) return text
  const m = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text)
  const port = m?.[3]
  if (port !== undefined && !/^\d+$/.test(port)) {
    throw fail(`${name}: invalid literal for int() with base 10: '${port}'`)
  }
  if ((m?.[1] ?? m?.[2] ?? '') === '') throw fail(`Missing host in ${name}`)
  return text
}

/** Exact JSON types, named as Python names them. Null never gets here. */
function typed(test: (v: unknown) => boolean, ...names: readonly string[]) {
  const classes = ['NoneType', ...names].map((n) => `<class '${n}'>`).join(', ')
  return (name: string, value: unknown): unknown => {
    if (!test(value)) throw fail(`Expected types ${classes} for ${name}: ${pyStr(value)}`)
    return value
  }
}

const isString = (v: unknown): boolean => typeof v === 'string'

const readers: Readonly<Record<ArgumentKind, (name: string, value: unknown) => unknown>> = {
  string,
  boolean,
  integer,
  string_list: stringList,
  uuid: checked(isUuidLike, 'UUID'),
  uuid_or_name: checked(uuidOrName, 'UUID or name'),
  name: checked(isLogicalName, 'name'),
  mac_address: macAddress,
  host_port: hostPort,
  text: typed(isString, 'str'),
  list: typed(Array.isArray, 'list'),
  object_or_string: typed((v) => isObject(v) || isString(v), 'dict', 'str'),
  any: (_name, value) => value,
}

/**
 * Reads one argument. Null means absent, as upstream has it.
 * @throws Invalid with upstream's text
 */
export function convert(kind: ArgumentKind, name: string, value: unknown): unknown {
  return value === null || value === undefined ? undefined : readers[kind](name, value)
}

export const missing = (name: string): Invalid =>
  new Invalid(`Missing mandatory parameter: ${name}`)
