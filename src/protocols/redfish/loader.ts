import { MalformedAttribute, MissingAttribute } from './errors.js'
import { isObject } from './json.js'

/**
 * Declared resources: a shape says which attributes a document has, where they stand and what they
 * are; one loader reads them all and names the exact path of what is missing or malformed.
 */

/** Where a value stands: the resource, and the path inside it. */
interface Where {
  readonly resource: string
  readonly path: readonly string[]
}
type Read<T> = (value: unknown, where: Where) => T

export interface Field<T> {
  readonly path: readonly string[]
  readonly read: Read<T>
  readonly otherwise: (where: Where) => T
}
export type Shape = Readonly<Record<string, Field<unknown>>>
export type Loaded<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never
}

const malformed = (where: Where, why: string): MalformedAttribute =>
  new MalformedAttribute(where.path.join('/'), where.resource, why)

/** Text; numbers and truth values are taken too (serial numbers of several vendors). */
export const text: Read<string> = (value, where) => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw malformed(where, 'not a string')
}
/** Text; of nothing but spaces it is none: an iLO 5 fills a serial number it does not know, a BlueField sets "". */
export const filled: Read<string | null> = (value, where) => {
  const read = text(value, where)
  return read.trim() === '' ? null : read
}
/** A number; one in a string is taken too. */
export const number: Read<number> = (value, where) => {
  const n = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof n === 'number' && Number.isFinite(n)) return n
  throw malformed(where, 'not a number')
}
export const truth: Read<boolean> = (value, where) => {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'True') return true
  if (value === 'false' || value === 'False') return false
  throw malformed(where, 'not a boolean')
}
/** Anything, as it came. */
export const raw: Read<unknown> = (value) => value

export const listOf =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, where) => {
    if (!Array.isArray(value)) throw malformed(where, 'not a list')
    return value.map((item: unknown, i) =>
      read(item, { ...where, path: [...where.path, String(i)] }),
    )
  }
export const objectOf =
  <S extends Shape>(shape: S): Read<Loaded<S>> =>
  (value, where) => {
    if (!isObject(value)) throw malformed(where, 'not an object')
    return readShape(shape, value, where)
  }

/**
 * An attribute that must be there.
 * @param path keys from the top of the document, joined by `/`
 */
export const required = <T>(path: string, read: Read<T>): Field<T> => ({
  path: path.split('/'),
  read,
  otherwise: (where) => {
    throw new MissingAttribute(where.path.join('/'), where.resource)
  },
})
/** An attribute that may be absent or null. */
export const optional = <T>(path: string, read: Read<T>): Field<T | null> => ({
  path: path.split('/'),
  read,
  otherwise: () => null,
})

/**
 * Reads a document by its shape.
 * @throws MissingAttribute, MalformedAttribute
 */
export function load<S extends Shape>(
  shape: S,
  document: { readonly path: string; readonly json: unknown },
): Loaded<S> {
  const where = { resource: document.path, path: [] }
  if (!isObject(document.json)) throw malformed({ ...where, path: ['/'] }, 'not an object')
  return readShape(shape, document.json, where)
}

function readShape<S extends Shape>(shape: S, object: unknown, where: Where): Loaded<S> {
  const entries = Object.entries(shape).map(([name, field]) => {
    const at = { ...where, path: [...where.path, ...field.path] }
    const value = follow(object, field.path)
    return [
      name,
      value === undefined || value === null ? field.otherwise(at) : field.read(value, at),
    ]
  })
  return Object.fromEntries(entries) as Loaded<S>
}

function follow(from: unknown, path: readonly string[]): unknown {
  let value = from
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return value
}
