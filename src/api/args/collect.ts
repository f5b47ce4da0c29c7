import { Invalid, IronicError, NotAcceptable } from '../../errors.js'
import type { Operation, Parameter } from '../contract/types.js'
import { covers, schemaAt } from '../contract/versions.js'
import { classicError, firstError, isObject, type Schema } from '../validation/json-schema.js'
import { pyStr } from '../validation/python-repr.js'
import { convert, missing } from './convert.js'

export type RawArguments = Record<string, unknown>

/** Query arguments; one given twice becomes a list, as pecan has it. */
export function queryArguments(search: URLSearchParams): RawArguments {
  const out: RawArguments = {}
  for (const [name, value] of search) {
    const before = out[name]
    if (!Object.hasOwn(out, name)) out[name] = value
    else out[name] = Array.isArray(before) ? [...(before as unknown[]), value] : [before, value]
  }
  return out
}

/** Arguments from two places; what both give becomes a list. */
export function mergeArguments(a: RawArguments, b: RawArguments): RawArguments {
  const out = { ...a }
  for (const [name, value] of Object.entries(b)) {
    out[name] = Object.hasOwn(a, name) ? [a[name], value] : value
  }
  return out
}

/**
 * Checks and converts what came with a request against the contract at a version.
 * Order: known names, classic readers, then (style `schema`) the query as one document.
 * @param positional which of `raw` came as surplus path segments: no schema looks at them
 * @throws Invalid with upstream's text
 */
export function readArguments(
  op: Operation,
  minor: number,
  path: Readonly<Record<string, string>>,
  raw: RawArguments,
  positional: RawArguments = {},
): Record<string, unknown> {
  const given: RawArguments = { ...raw, ...path }
  const known = argumentsOf(op)
  if (op.options.unknown === 'name') refuseUnknown(raw, path, known)
  const out: Record<string, unknown> = {}
  for (const [name, a] of known) {
    const value = convert(a.kind, a.shown, given[name])
    if (value !== undefined) out[name] = value
    else if (a.required && !Object.hasOwn(given, name)) throw missing(a.shown)
  }
  if (op.options.style === 'schema') {
    const query = Object.entries(raw).filter(([k]) => !Object.hasOwn(positional, k))
    checkSchemas(op, minor, path, Object.fromEntries(query), out)
  }
  return out
}

interface Argument {
  readonly kind: Parameter['kind']
  readonly required: boolean
  /** Name in texts. */
  readonly shown: string
}

const argumentTables = new WeakMap<Operation, ReadonlyMap<string, Argument>>()

function argumentsOf(op: Operation): ReadonlyMap<string, Argument> {
  const known = argumentTables.get(op)
  if (known !== undefined) return known
  const table = new Map(op.parameters.map((p) => [p.name, argumentOf(op, p)]))
  if (op.options.args === 'merged') for (const [k, v] of bodyArguments(op)) table.set(k, v)
  argumentTables.set(op, table)
  return table
}

function argumentOf(op: Operation, p: Parameter): Argument {
  const shown = p.in === 'path' ? (op.options.ident ?? p.name) : p.name
  return { kind: p.kind, required: p.required, shown }
}

/** Members of a body that shares the namespace of the query. */
function* bodyArguments(op: Operation): Generator<[string, Argument]> {
  const properties = (op.body?.['properties'] ?? {}) as Record<string, Schema>
  const required = (op.body?.['required'] ?? []) as string[]
  for (const [name, schema] of Object.entries(properties)) {
    const x = isObject(schema['x-ferric']) ? schema['x-ferric'] : {}
    const kind = (x['kind'] ?? 'any') as Argument['kind']
    yield [name, { kind, required: required.includes(name), shown: name }]
  }
}

/** What the path says already is unknown to the query (upstream: 500). */
function refuseUnknown(
  raw: RawArguments,
  path: Readonly<Record<string, string>>,
  known: ReadonlyMap<string, Argument>,
): void {
  const extra = Object.keys(raw).filter((n) => !known.has(n) || Object.hasOwn(path, n))
  if (extra.length > 0) throw new Invalid(`Unexpected arguments: ${extra.sort().join(', ')}`)
}

function checkSchemas(
  op: Operation,
  minor: number,
  path: Readonly<Record<string, string>>,
  raw: RawArguments,
  converted: RawArguments,
): void {
  const query = Object.fromEntries(Object.entries(raw).map(([k, v]) => [k, converted[k] ?? v]))
  for (const [place, values] of [
    ['query', query],
    ['path', path],
  ] as const) {
    const fault = firstError(values, schemaOf(op, minor, place))
    if (fault !== null) throw new Invalid(`Schema error: ${fault}`)
  }
}

const schemas = new WeakMap<Operation, Map<string, Schema>>()

function schemaOf(op: Operation, minor: number, place: 'query' | 'path'): Schema {
  const cache = schemas.get(op) ?? new Map<string, Schema>()
  schemas.set(op, cache)
  const key = `${place} ${minor}`
  const known = (p: Parameter) => covers(p, minor) || p.below !== null
  const here = op.parameters.filter((p) => p.in === place && known(p))
  const schema = cache.get(key) ?? {
    type: 'object',
    properties: Object.fromEntries(here.map((p) => [p.name, schemaAt(p.schema, minor)])),
    additionalProperties: false,
  }
  cache.set(key, schema)
  return schema
}

/**
 * Checks a body that is one document. Classic readers take null for absent, so that null is
 * left to the schema.
 * @throws Invalid, `Schema error: …` or `Schema error for <name>: …`
 */
export function checkBody(op: Operation, minor: number, body: unknown): void {
  const schema = bodySchema(op, minor)
  if (schema === null || op.options.args === 'merged') return
  const { bodyName, style } = op.options
  if (body === null && allowsNull(schema)) return
  const anonymous = bodyName === null || (style === 'schema' && body === null)
  const fault = anonymous ? firstError(body, schema) : classicError(body, withoutNull(schema))
  if (fault === null) return
  throw new Invalid(`Schema error${anonymous ? '' : ` for ${bodyName}`}: ${fault}`)
}

const allowsNull = ({ type }: Schema): boolean => Array.isArray(type) && type.includes('null')

/** A classic reader takes null before its schema is asked, so that the schema does not name it. */
function withoutNull(schema: Schema): Schema {
  if (!allowsNull(schema)) return schema
  const [type, ...others] = (schema['type'] as string[]).filter((name) => name !== 'null')
  return { ...schema, type: others.length === 0 ? type : [type, ...others] }
}

/** Style `schema`: members that a version does not have are unknown to it. */
function bodySchema(op: Operation, minor: number): Schema | null {
  if (op.body === null || op.options.style === 'classic') return op.body
  const cache = schemas.get(op) ?? new Map<string, Schema>()
  schemas.set(op, cache)
  const schema = cache.get(`body ${minor}`) ?? schemaAt(op.body, minor)
  cache.set(`body ${minor}`, schema)
  return schema
}

/**
 * Refuses query arguments that a version does not have yet.
 * @throws IronicError, 406 mostly
 */
export function gateArguments(op: Operation, minor: number, given: RawArguments): void {
  for (const p of op.parameters) {
    if (p.in !== 'query' || minor >= p.min || given[p.name] === undefined) continue
    throw notYet(p, given[p.name])
  }
}

function notYet(p: Parameter, value: unknown): IronicError {
  if (p.below === null || p.below === 'general') return new NotAcceptable()
  if (p.below === 'min-version') return NotAcceptable.minVersion(p.min)
  if (typeof p.below === 'string') return new NotAcceptable(p.below)
  const { status, text } = p.below
  return new IronicError(text.replace('{value}', pyStr(value)), { status })
}
