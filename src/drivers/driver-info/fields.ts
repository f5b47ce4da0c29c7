import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { pythonList } from '../errors.js'
import { pythonStr } from '../../python/repr.js'

/** Python's truth of a JSON value. */
export const isTruthy = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length > 0
      : Boolean(value)

/**
 * Names the parameters that are missing or empty (`deploy_utils.check_for_missing_params`).
 * @throws MissingParameterValue
 */
export function requireParams(params: JsonObject, message: string): void {
  const missing = Object.keys(params).filter((key) => !isTruthy(params[key]))
  if (missing.length > 0) {
    throw new MissingParameterValue(`${message}. Missing are: ${pythonList(missing)}`)
  }
}

const yes = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const no = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

/** A truth value as oslo's lenient `bool_from_string` reads it. */
export function lenientBool(value: unknown, fallback = false): boolean {
  if (typeof value === 'boolean') return value
  const text = pythonStr(value).trim().toLowerCase()
  return yes.has(text) || (!no.has(text) && fallback)
}

/**
 * A truth value as oslo's strict `bool_from_string` reads it.
 * @param refuse makes the error of another value from oslo's text
 */
export function strictBool(value: unknown, refuse: (text: string) => Error): boolean {
  if (typeof value === 'boolean') return value
  const text = pythonStr(value).trim().toLowerCase()
  if (yes.has(text)) return true
  if (no.has(text)) return false
  throw refuse(
    `Unrecognized value '${pythonStr(value)}', acceptable values are: ${[...no, ...yes]
      .toSorted()
      .map((v) => `'${v}'`)
      .join(', ')}`,
  )
}

/**
 * A port number.
 * @throws InvalidParameterValue
 */
export function networkPort(value: unknown, name: string): number {
  const text = pythonStr(value)
  const port = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (port >= 0 && port <= 65535) return port
  throw new InvalidParameterValue(`${name} "${text}" is not a valid port.`)
}
