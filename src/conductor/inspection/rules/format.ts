/**
 * The part of Python's `str.format` that inspection rules use: `{name}`, `{name.attribute}`, `{name[key]}`,
 * `{…!r}`, `{…:8.2f}`, `{{` and `}}`. Nothing is evaluated: a field only walks through plain data.
 */
import { pythonAscii } from '../../../python/compare.js'
import { formatAs } from '../../../python/format-spec.js'
import { pythonRepr, pythonStr } from '../../../python/repr.js'
import { isObject } from '../plain.js'

/** A template that cannot be filled in. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  /** A key that is not there, as opposed to any other fault. */
  readonly missingKey: boolean
  constructor(message: string, missingKey = false) {
    super(message)
    this.missingKey = missingKey
  }
}

/** What the names in templates mean. `node` knows attributes, the others keys. */
export type FormatContext = ReadonlyMap<string, unknown>

const unchanged: View = (_key, value) => value

/** Where attributes may be looked up with a dot; keys of other objects want brackets. */
export class Attributes {
  readonly values: Readonly<Record<string, unknown>>
  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values
  }
}

/** How a value is seen, for hiding secrets. */
export type View = (key: string | null, value: unknown) => unknown

/**
 * Fills a template in.
 * @param view looks at every value on its way out, but for those of `node` and of a loop's `item`
 * @throws FormatError
 */
export function format(template: string, context: FormatContext, view: View): string {
  let out = ''
  for (let i = 0; i < template.length;) {
    const c = template[i]
    if (c !== '{' && c !== '}') {
      out += c
      i++
    } else if (template[i + 1] === c) {
      out += c
      i += 2
    } else if (c === '}') {
      throw new FormatError("Single '}' encountered in format string")
    } else {
      const end = closing(template, i)
      out += field(template.slice(i + 1, end), context, view)
      i = end + 1
    }
  }
  return out
}

/** The brace that ends a field. Brackets may hold anything, also braces; so may what comes after a colon. */
function closing(template: string, start: number): number {
  let inBrackets = false
  let open = 0
  let colon = false
  for (let i = start + 1; i < template.length; i++) {
    const c = template[i]
    if (c === ':') colon = true
    if (!colon && c === '[') inBrackets = true
    else if (c === ']') inBrackets = false
    else if (c === '{' && colon) open++
    else if (c === '{' && !inBrackets) throw new FormatError("unexpected '{' in field name")
    else if (c === '}' && !inBrackets && open-- === 0) return i
  }
  throw new FormatError("expected '}' before end of string")
}

const fieldForm = /^([^.[\]!:]*)((?:\.[^.[\]!:]+|\[[^\]]+\])*)(?:!([rsa]))?(?::([^]*))?$/

const conversions: Readonly<Record<string, (value: unknown) => string>> = {
  r: pythonRepr,
  s: pythonStr,
  a: pythonAscii,
}

function field(text: string, context: FormatContext, view: View): string {
  const m = fieldForm.exec(text)
  if (m === null) throw new FormatError(`unsupported replacement field '${text}'`)
  const [, name = '', path = '', conversion = '', specification = ''] = m
  if (name === '' || /^\d+$/.test(name)) {
    throw new FormatError('Replacement index 0 out of range for positional args tuple')
  }
  if (!context.has(name)) throw new FormatError(pythonRepr(name), true)
  const seen = name === 'node' || name === 'item' ? unchanged : view
  const value = walk(context.get(name), path, seen)
  const spec = specification.includes('{') ? format(specification, context, view) : specification
  return formatted(conversions[conversion]?.(value) ?? value, spec)
}

function formatted(value: unknown, specification: string): string {
  try {
    return formatAs(value, specification)
  } catch (e) {
    if (e instanceof RangeError) throw new FormatError(e.message)
    throw e
  }
}

function walk(root: unknown, path: string, view: View): unknown {
  let at = view(null, root)
  for (const [, attribute, key = ''] of path.matchAll(/\.([^.[\]]+)|\[([^\]]+)\]/g)) {
    at = attribute === undefined ? item(at, key, view) : attributeOf(at, attribute)
  }
  return at instanceof Attributes ? at.values : at
}

function attributeOf(at: unknown, name: string): unknown {
  if (at instanceof Attributes && Object.hasOwn(at.values, name)) return at.values[name]
  throw new FormatError(`no attribute '${name}'`)
}

/** As Python has it, digits in brackets are a number, and so no key of an object. */
function item(at: unknown, key: string, view: View): unknown {
  const number = /^\d+$/.test(key) ? Number(key) : null
  if (typeof at === 'string') return character(at, number)
  if (Array.isArray(at)) {
    if (number === null) throw new FormatError('list indices must be integers or slices, not str')
    if (number >= at.length) throw new FormatError('list index out of range')
    return view(null, at[number])
  }
  const object = at instanceof Attributes ? at.values : at
  if (!isObject(object)) throw new FormatError(`cannot be indexed with '${key}'`)
  if (number !== null || !Object.hasOwn(object, key)) throw new FormatError(pythonRepr(key), true)
  return view(key, object[key])
}

function character(text: string, number: number | null): string {
  if (number === null) throw new FormatError('string indices must be integers')
  const found = Array.from(text)[number]
  if (found === undefined) throw new FormatError('string index out of range')
  return found
}
