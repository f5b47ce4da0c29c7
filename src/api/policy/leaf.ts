/**
 * The leaves of oslo.policy's language, `kind:match`: `rule:x`, `role:x`, `key:match`, where key
 * is a value of the caller, and `'literal':match`. In match, `%(key)s` is a value of the target.
 * Source: oslo.policy documentation, "Policy Rule Expressions"; tests/auth/upstream.
 */
import { pythonStr } from '../../python/repr.js'
import { isObject } from '../validation/json-schema.js'
import type { CheckScope } from './scope.js'

/** A check that cannot be understood. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError'
}

export type Holds = (scope: CheckScope) => boolean

/** A leaf, and the rule it names. */
interface Leaf {
  readonly holds: Holds
  readonly names: string | null
}

/**
 * @param whole the check the leaf stands in, for errors
 * @throws PolicySyntaxError
 */
export function leafOf(text: string, whole: string): Leaf {
  const colon = text.indexOf(':')
  if (colon < 1) throw new PolicySyntaxError(`"${whole}" is not a policy check: ${text}`)
  const [kind, match] = [text.slice(0, colon), text.slice(colon + 1)]
  if (kind === 'rule') return { holds: (s) => s.rule(match), names: match }
  if (kind === 'http' || kind === 'https') {
    const why = 'asking a server over HTTP is not supported'
    throw new PolicySyntaxError(`"${whole}" is not a policy check: ${why}`)
  }
  const wanted = template(match, whole)
  return { holds: kind === 'role' ? role(wanted) : generic(kind, wanted, whole), names: null }
}

type Template = (scope: CheckScope) => string | undefined

function role(wanted: Template): Holds {
  return (s) => {
    const name = wanted(s)?.toLowerCase()
    return name !== undefined && s.credentials.roles.some((r) => r.toLowerCase() === name)
  }
}

function generic(kind: string, wanted: Template, whole: string): Holds {
  const literal = literalOf(kind, whole)
  if (literal !== null) return (s) => wanted(s) === literal
  const path = kind.split('.')
  return (s) => {
    const text = wanted(s)
    return text !== undefined && found(s.credentials.values, path, text)
  }
}

/** Follows a path into a value; any element of a list will do. */
function found(value: unknown, path: readonly string[], wanted: string): boolean {
  const [key, ...rest] = path
  if (key === undefined) return pythonStr(value) === wanted
  if (!isObject(value) || !Object.hasOwn(value, key)) return false
  const inner = value[key]
  return Array.isArray(inner)
    ? inner.some((one) => found(one, rest, wanted))
    : found(inner, rest, wanted)
}

/** What a Python literal prints as; null for the path to a value. */
function literalOf(kind: string, whole: string): string | null {
  const quoted = /^(?:'([^'\\]*)'|"([^"\\]*)")$/.exec(kind)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? ''
  if (/^(?:True|False|None)$/.test(kind)) return kind
  if (/^-?(?:0|[1-9]\d*)$/.test(kind)) return String(BigInt(kind))
  if (/^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/.test(kind)) return null
  throw new PolicySyntaxError(`"${whole}" is not a policy check: ${kind}`)
}

const plain = /%%|%\(([^()]*)\)s|%/g

/**
 * Python's `%` with the target, and behind it the caller, as the mapping.
 * @returns what fills it in; undefined where a key is missing
 */
function template(match: string, whole: string): Template {
  const keys = [...match.matchAll(plain)]
  if (keys.some(([all]) => all === '%')) {
    throw new PolicySyntaxError(`"${whole}" is not a policy check: only %(key)s can be filled in`)
  }
  if (keys.length === 0) return () => match
  const only = keys[0]?.[1]
  if (only !== undefined && keys[0]?.[0] === match) return (s) => lookUp(s, only)
  return (s) => {
    const values = keys.map(([, key]) => (key === undefined ? '%' : lookUp(s, key)))
    if (values.includes(undefined)) return undefined
    return match.replace(plain, () => values.shift() ?? '')
  }
}

/** As Python's `str`: a null owner and a token without a project are both `None`. */
function lookUp({ target, credentials }: CheckScope, key: string): string | undefined {
  if (Object.hasOwn(target, key)) return pythonStr(target[key])
  return Object.hasOwn(credentials.values, key) ? pythonStr(credentials.values[key]) : undefined
}
