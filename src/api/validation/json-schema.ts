/**
 * JSON Schema with the errors of python-jsonschema 4.10, in its order and its words: upstream
 * answers them verbatim and clients match on them. Keywords are checked in the order in which
 * the schema lists them, as Python does, so the order in `openapi/` is part of the contract.
 */
import { formats } from './formats.js'
import { pyRepr } from './python-repr.js'

export interface Schema {
  readonly [keyword: string]: unknown
}

type Location = readonly (string | number)[]

export interface SchemaError {
  readonly message: string
  readonly keyword: string
  readonly depth: number
  /** Where the value that failed is, and the keyword it failed, from the roots down. */
  readonly path: Location
  readonly schemaPath: Location
  readonly instance: unknown
  readonly schema: Schema
  readonly context: readonly SchemaError[]
  readonly matchesType: boolean
}

type Check = (
  value: unknown,
  arg: never,
  schema: Schema,
  depth: number,
) => Iterable<{ message: string; context?: SchemaError[] } | SchemaError>

/** Yields the errors of `value`, first things first. */
export function* iterErrors(value: unknown, schema: Schema, depth = 0): Generator<SchemaError> {
  for (const [keyword, arg] of Object.entries(schema)) {
    const check = checks[keyword]
    if (check === undefined) continue
    for (const e of check(value, arg as never, schema, depth)) {
      yield 'keyword' in e ? below(e, [], [keyword]) : errorOf(e, value, schema, keyword, depth)
    }
  }
}

function errorOf(
  found: { message: string; context?: SchemaError[] },
  instance: unknown,
  schema: Schema,
  keyword: string,
  depth: number,
): SchemaError {
  const matchesType = matchesOwnType(instance, schema)
  const place = { path: [], schemaPath: [keyword], depth }
  return { context: [], ...found, ...place, keyword, instance, schema, matchesType }
}

/** An error of a part, as an error of the whole. */
const below = (e: SchemaError, path: Location, schemaPath: Location): SchemaError => ({
  ...e,
  path: [...path, ...e.path],
  schemaPath: [...schemaPath, ...e.schemaPath],
})

function* at(
  errors: Iterable<SchemaError>,
  path: Location,
  schemaPath: Location,
): Generator<SchemaError> {
  for (const e of errors) yield below(e, path, schemaPath)
}

/**
 * The text upstream gives for the first error of `value`, or null when it is valid.
 * Upstream: `ironic/api/validation/validators.py`, for what a declarative schema checks.
 */
export function firstError(value: unknown, schema: Schema): string | null {
  for (const error of iterErrors(value, schema)) return textOf(error)
  return null
}

/**
 * As `firstError`, for what a classic reader checks: the error `best_match` picks.
 * Upstream: `ironic/common/args.py`.
 */
export function classicError(value: unknown, schema: Schema): string | null {
  const error = bestMatch([...iterErrors(value, schema)])
  return error === undefined ? null : textOf(error)
}

function textOf(error: SchemaError): string {
  let cause: string | null = null
  for (let e: SchemaError | undefined = error; e !== undefined && e.context.length > 0;) {
    e = bestMatch(e.context)
    cause = e?.message ?? cause
  }
  return cause === null ? error.message : `${error.message}. Possible root cause: ${cause}`
}

/** `jsonschema.exceptions.best_match`. */
export function bestMatch(errors: readonly SchemaError[]): SchemaError | undefined {
  let best = errors[0]
  for (const e of errors) if (best !== undefined && compare(e, best) > 0) best = e
  while (best !== undefined && best.context.length > 0) {
    const sorted: SchemaError[] = [...best.context].sort(compare)
    const [least, second] = sorted
    if (least !== undefined && second !== undefined && compare(least, second) === 0) return best
    best = least
  }
  return best
}

function compare(a: SchemaError, b: SchemaError): number {
  return (
    b.depth - a.depth ||
    Number(!isWeak(a)) - Number(!isWeak(b)) ||
    Number(!a.matchesType) - Number(!b.matchesType)
  )
}
const isWeak = (e: SchemaError) => e.keyword === 'anyOf' || e.keyword === 'oneOf'

/** JSON Schema type names; integral floats are integers since draft 6. */
export function isType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null || value === undefined
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      throw new Error(`unknown JSON Schema type ${type}`)
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typesOf(schema: Schema): readonly string[] {
  const t = schema['type']
  return typeof t === 'string' ? [t] : Array.isArray(t) ? (t as string[]) : []
}
function matchesOwnType(value: unknown, schema: Schema): boolean {
  return typesOf(schema).some((t) => isType(value, t))
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return pyRepr(a) === pyRepr(b)
}

/** `('a', 'b' were unexpected)` */
function extras(names: readonly string[]): string {
  return `${[...names].sort().map(pyRepr).join(', ')} ${names.length === 1 ? 'was' : 'were'} unexpected`
}

const patterns = new Map<string, RegExp>()
/** Python's patterns: inline flags, and `\w` that means the letters of every script. */
export function pythonPattern(source: string): RegExp {
  let re = patterns.get(source)
  if (re === undefined) {
    const inline = /^\(\?([a-z]+)\)/.exec(source)
    const body = inline === null ? source : source.slice(inline[0].length)
    // The \w of Python knows every script; here it stands inside brackets.
    const words = body.replaceAll('\\w', String.raw`\p{L}\p{N}_`)
    re = new RegExp(words, `${inline?.[1] ?? ''}${words === body ? '' : 'u'}`)
    patterns.set(source, re)
  }
  return re
}

/** Code points, as Python counts. */
const length = (s: string) => (/[\ud800-\udfff]/.test(s) ? Array.from(s).length : s.length)

const checks: Readonly<Record<string, Check>> = {
  *type(value, _arg, schema) {
    const types = typesOf(schema)
    if (!types.some((t) => isType(value, t))) {
      yield { message: `${pyRepr(value)} is not of type ${types.map(pyRepr).join(', ')}` }
    }
  },
  *properties(value, arg: Record<string, Schema>, _schema, depth) {
    if (!isObject(value)) return
    for (const [name, sub] of Object.entries(arg)) {
      if (!Object.hasOwn(value, name)) continue
      yield* at(iterErrors(value[name], sub, depth + 1), [name], [name])
    }
  },
  *patternProperties(value, arg: Record<string, Schema>, _schema, depth) {
    if (!isObject(value)) return
    for (const [pattern, sub] of Object.entries(arg)) {
      for (const [name, v] of Object.entries(value)) {
        if (!pythonPattern(pattern).test(name)) continue
        yield* at(iterErrors(v, sub, depth + 1), [name], [pattern])
      }
    }
  },
  *additionalProperties(value, arg: boolean | Schema, schema, depth) {
    if (!isObject(value) || arg === true) return
    const known = (schema['properties'] ?? {}) as Record<string, Schema>
    const byPattern = Object.keys(schema['patternProperties'] ?? {})
    const names = Object.keys(value).filter(
      (n) => !Object.hasOwn(known, n) && !byPattern.some((p) => pythonPattern(p).test(n)),
    )
    if (arg === false) {
      if (names.length > 0) {
        yield { message: `Additional properties are not allowed (${extras(names)})` }
      }
      return
    }
    for (const n of names) yield* at(iterErrors(value[n], arg, depth + 1), [n], [])
  },
  *required(value, arg: readonly string[]) {
    if (!isObject(value)) return
    for (const name of arg) {
      if (!Object.hasOwn(value, name)) yield { message: `${pyRepr(name)} is a required property` }
    }
  },
  *dependentRequired(value, arg: Readonly<Record<string, readonly string[]>>) {
    if (!isObject(value)) return
    for (const [name, needed] of Object.entries(arg)) {
      if (!Object.hasOwn(value, name)) continue
      for (const other of needed.filter((n) => !Object.hasOwn(value, n))) {
        yield { message: `${pyRepr(other)} is a dependency of ${pyRepr(name)}` }
      }
    }
  },
  *items(value, arg: Schema, _schema, depth) {
    if (!Array.isArray(value)) return
    for (const [i, item] of value.entries()) {
      yield* at(iterErrors(item, arg, depth + 1), [i], [])
    }
  },
  *minItems(value, arg: number) {
    if (Array.isArray(value) && value.length < arg)
      yield { message: `${pyRepr(value)} is too short` }
  },
  *maxItems(value, arg: number) {
    if (Array.isArray(value) && value.length > arg)
      yield { message: `${pyRepr(value)} is too long` }
  },
  *uniqueItems(value, arg: boolean) {
    if (!arg || !Array.isArray(value)) return
    if (new Set(value.map(pyRepr)).size < value.length) {
      yield { message: `${pyRepr(value)} has non-unique elements` }
    }
  },
  *minProperties(value, arg: number) {
    if (isObject(value) && Object.keys(value).length < arg) {
      yield { message: `${pyRepr(value)} does not have enough properties` }
    }
  },
  *minLength(value, arg: number) {
    if (typeof value === 'string' && length(value) < arg)
      yield { message: `${pyRepr(value)} is too short` }
  },
  *maxLength(value, arg: number) {
    if (typeof value === 'string' && length(value) > arg)
      yield { message: `${pyRepr(value)} is too long` }
  },
  *pattern(value, arg: string) {
    if (typeof value === 'string' && !pythonPattern(arg).test(value)) {
      yield { message: `${pyRepr(value)} does not match ${pyRepr(arg)}` }
    }
  },
  *minimum(value, arg: number) {
    if (typeof value === 'number' && value < arg) {
      yield { message: `${pyRepr(value)} is less than the minimum of ${arg}` }
    }
  },
  *maximum(value, arg: number) {
    if (typeof value === 'number' && value > arg) {
      yield { message: `${pyRepr(value)} is greater than the maximum of ${arg}` }
    }
  },
  *enum(value, arg: readonly unknown[]) {
    if (!arg.some((a) => equal(a, value)))
      yield { message: `${pyRepr(value)} is not one of ${pyRepr(arg)}` }
  },
  *const(value, arg: unknown) {
    if (!equal(arg, value)) yield { message: `${pyRepr(arg)} was expected` }
  },
  *format(value, arg: string) {
    const check = formats[arg]
    if (typeof value === 'string' && check !== undefined && !check(value)) {
      yield { message: `${pyRepr(value)} is not a ${pyRepr(arg)}` }
    }
  },
  *allOf(value, arg: readonly Schema[], _schema, depth) {
    for (const [i, sub] of arg.entries()) yield* at(iterErrors(value, sub, depth), [], [i])
  },
  *anyOf(value, arg: readonly Schema[], _schema, depth) {
    const context: SchemaError[] = []
    for (const [i, sub] of arg.entries()) {
      const errors = [...at(iterErrors(value, sub, depth), [], [i])]
      if (errors.length === 0) return
      context.push(...errors)
    }
    yield { message: `${pyRepr(value)} is not valid under any of the given schemas`, context }
  },
  *oneOf(value, arg: readonly Schema[], _schema, depth) {
    const context: SchemaError[] = []
    const valid: Schema[] = []
    for (const [i, sub] of arg.entries()) {
      const errors = [...at(iterErrors(value, sub, depth), [], [i])]
      if (errors.length === 0) valid.push(sub)
      else if (valid.length === 0) context.push(...errors)
    }
    if (valid.length === 0) {
      yield { message: `${pyRepr(value)} is not valid under any of the given schemas`, context }
    } else if (valid.length > 1) {
      const [first, ...more] = valid
      yield {
        message: `${pyRepr(value)} is valid under each of ${[...more, first].map(pyRepr).join(', ')}`,
      }
    }
  },
  *not(value, arg: Schema) {
    for (const _ of iterErrors(value, arg)) return
    yield { message: `${pyRepr(value)} should not be valid under ${pyRepr(arg)}` }
  },
}
