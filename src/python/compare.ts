/** Comparing JSON values as Python does: true is 1, and containers compare by what they hold. */
import { pythonRepr } from './repr.js'

/** The name of a value's class in Python. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return Array.isArray(value) ? 'list' : 'dict'
}

const number = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value)

/** Python's `==`; the order of an object's members does not count. */
export function pythonEquals(a: unknown, b: unknown): boolean {
  if (number(a ?? null) === number(b ?? null)) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((v, i) => pythonEquals(v, b[i]))
  }
  if (pythonType(a) !== 'dict' || pythonType(b) !== 'dict') return false
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && pythonEquals(one[key], other[key]))
  )
}

/** Python's `<` or `>`. @throws TypeError with Python's text where there is no order */
export function pythonOrdered(a: unknown, sign: '<' | '>', b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return listsOrdered(a, sign, b)
  const [x, y] = [number(a), number(b)]
  if (typeof x === 'number' && typeof y === 'number') return sign === '<' ? x < y : x > y
  if (typeof x === 'string' && typeof y === 'string') {
    return sign === '<' ? codePointsBefore(x, y) : codePointsBefore(y, x)
  }
  throw new TypeError(
    `'${sign}' not supported between instances of '${pythonType(a)}' and '${pythonType(b)}'`,
  )
}

/** The first items that differ decide; of lists that begin alike the longer one is greater. */
function listsOrdered(a: readonly unknown[], sign: '<' | '>', b: readonly unknown[]): boolean {
  const at = a.findIndex((v, i) => i >= b.length || !pythonEquals(v, b[i]))
  const [x, y] = [at < 0 ? a.length : at, b.length]
  if (at >= 0 && at < y) return pythonOrdered(a[at], sign, b[at])
  return sign === '<' ? x < y && at < 0 : at >= 0 && x >= y
}

/** Python orders code points, JavaScript the halves they are kept in. */
function codePointsBefore(a: string, b: string): boolean {
  const [x, y] = [Array.from(a), Array.from(b)]
  const at = x.findIndex((c, i) => c !== y[i])
  if (at < 0) return x.length < y.length
  return at < y.length && (x[at]?.codePointAt(0) ?? 0) < (y[at]?.codePointAt(0) ?? 0)
}

/** Python's `in`: an item of a list, a key of an object, a part of a text. @throws TypeError */
export function pythonIn(value: unknown, container: unknown): boolean {
  if (Array.isArray(container)) return container.some((v) => pythonEquals(v, value))
  if (typeof container === 'string') {
    if (typeof value === 'string') return container.includes(value)
    throw new TypeError(`'in <string>' requires string as left operand, not ${pythonType(value)}`)
  }
  if (pythonType(container) !== 'dict') {
    throw new TypeError(`argument of type '${pythonType(container)}' is not iterable`)
  }
  if (typeof value === 'object' && value !== null) {
    throw new TypeError(`unhashable type: '${pythonType(value)}'`)
  }
  return typeof value === 'string' && Object.hasOwn(container as object, value)
}

/** What a text reads as in Python's `repr`, with everything beyond ASCII escaped. */
export function pythonAscii(value: unknown): string {
  return pythonRepr(value).replaceAll(/[^\0-\x7f]/gu, (c) => {
    const code = c.codePointAt(0) ?? 0
    const hex = code.toString(16)
    if (code <= 0xff) return `\\x${hex}`
    return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
  })
}
