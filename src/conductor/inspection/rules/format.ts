/**
 * The part of Python's `str.format` that inspection rules use: `{name}`, `{name.attribute}`,
 * `{name[key]}`, `{{` and `}}`. Nothing is evaluated: a field only walks through plain data.
 */
import { pythonRepr, pythonStr } from '../../../python-repr.js'
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
 * @param view looks at every value on its way out
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

/** The brace that ends a field. Brackets may hold anything, also braces. */
function closing(template: string, start: number): number {
  let inBrackets = false
  for (let i = start + 1; i < template.length; i++) {
    const c = template[i]
    if (c === '[') inBrackets = true
    else if (c === ']') inBrackets = false
    else if (c === '{' && !inBrackets) {
      throw new FormatError("unexpected '{' in field name")
    } else if (c === '}' && !inBrackets) return i
  }
  throw new FormatError("expected '}' before end of string")
}

const fieldForm = /^([^.[\]!:]*)((?:\.[^.[\]!:]+|\[[^\]]+\])*)(?:!([rs]))?$/

function field(text: string, context: FormatContext, view: View): string {
  const m = fieldForm.exec(text)
  if (m === null) throw new FormatError(`unsupported replacement field '${text}'`)
  const [, name = '', path = '', conversion] = m
  if (name === '' || /^\d+$/.test(name)) {
    throw new FormatError('Replacement index 0 out of range for positional args tuple')
  }
  if (!context.has(name)) throw new FormatError(pythonRepr(name), true)
  const value = walk(context.get(name), path, view)
  return conversion === 'r' ? pythonRepr(value) : pythonStr(value)
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
