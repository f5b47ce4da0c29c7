/** What stands after the colon of a replacement field in Python: width, sign, grouping, precision, type. */
import { pythonStr } from './repr.js'
import { pythonType } from './compare.js'

const form = /^(?:([^]?)([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u

interface Spec {
  readonly fill: string
  readonly align: string
  readonly sign: string
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly type: string
}

/**
 * Formats a value.
 * @throws RangeError where Python refuses the specification for such a value
 */
export function formatAs(value: unknown, specification: string): string {
  if (specification === '') return pythonStr(value)
  if (typeof value === 'string') return ofText(value, specOf(specification, '<'))
  if (typeof value === 'number') return ofNumber(value, specOf(specification, '>'))
  if (typeof value === 'boolean') return ofNumber(Number(value), specOf(specification, '>'))
  throw new RangeError(`unsupported format string passed to ${pythonType(value)}.__format__`)
}

/** Python stops at the memory of the machine; a width beyond this is an attack on it. */
const mostCharacters = 1_000_000

function specOf(text: string, align: string): Spec {
  const m = form.exec(text)
  if (m === null) throw new RangeError('Invalid format specifier')
  if ([m[7], m[9]].some((digits) => Number(digits ?? 0) > mostCharacters)) {
    throw new RangeError('Too many decimal digits in format string')
  }
  const zero = m[6] === '0' && m[2] === undefined
  return {
    fill: m[1] || (m[6] === '0' ? '0' : ' '),
    align: m[2] ?? (zero && align === '>' ? '=' : align),
    sign: m[3] ?? '',
    alternate: m[5] === '#',
    width: Number(m[7] ?? 0),
    grouping: m[8] ?? '',
    precision: m[9] === undefined ? undefined : Number(m[9]),
    type: m[10] ?? '',
  }
}

const unknown = (type: string) => new RangeError(`Unknown format code '${type}'`)

function ofText(value: string, spec: Spec): string {
  if (!['', 's'].includes(spec.type)) throw unknown(spec.type)
  if (spec.align === '=' || spec.sign !== '' || spec.alternate || spec.grouping !== '') {
    throw new RangeError('not allowed in string format specifier')
  }
  const characters = Array.from(value)
  return padded('', characters.slice(0, spec.precision).join(''), spec)
}

function ofNumber(value: number, spec: Spec): string {
  const whole = Number.isInteger(value) && ['', ...Array.from('bcdnoxX')].includes(spec.type)
  if (whole && spec.precision !== undefined) {
    throw new RangeError('Precision not allowed in integer format specifier')
  }
  const digits = whole ? wholeDigits(Math.abs(value), spec) : floatDigits(Math.abs(value), spec)
  const sign = value < 0 ? '-' : spec.sign.replace('-', '')
  return padded(sign, grouped(digits, spec.grouping), spec)
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 }

function wholeDigits(value: number, { type, alternate }: Spec): string {
  if (type === 'c') return String.fromCodePoint(value)
  const base = bases[type] ?? 10
  const digits = BigInt(value).toString(base)
  const prefix = alternate && base !== 10 ? `0${type}` : ''
  return prefix + (type === 'X' ? digits.toUpperCase() : digits)
}

function floatDigits(value: number, { type, precision = 6 }: Spec): string {
  const kind = type.toLowerCase()
  const text = floatText(value, kind, precision, type === '')
  if (text === undefined) throw unknown(type)
  return type === 'E' || type === 'G' ? text.toUpperCase() : text
}

function floatText(value: number, kind: string, precision: number, plain: boolean) {
  if (plain) return pythonStr(value)
  if (kind === 'f') return value.toFixed(precision)
  if (kind === '%') return `${(value * 100).toFixed(precision)}%`
  if (kind === 'e') return twoDigits(value.toExponential(precision))
  if (kind === 'g' || kind === 'n') return general(value, Math.max(precision, 1))
  return undefined
}

const twoDigits = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

/** As C's `%g`: the shorter of the two forms, without zeros that say nothing. */
function general(value: number, precision: number): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(precision - 1).split('e')[1])
  const scientific = exponent < -4 || exponent >= precision
  const text = scientific
    ? value.toExponential(precision - 1)
    : value.toFixed(Math.max(precision - 1 - exponent, 0))
  return twoDigits(text.replace(/(\.\d*?)0+(e|$)/, '$1$2').replace(/\.(e|$)/, '$1'))
}

function grouped(digits: string, separator: string): string {
  if (separator === '') return digits
  const [whole = '', ...rest] = digits.split('.')
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, separator), ...rest].join('.')
}

function padded(sign: string, text: string, { fill, align, width }: Spec): string {
  const missing = Math.max(width - Array.from(sign + text).length, 0)
  const left = align === '<' ? 0 : align === '^' ? Math.floor(missing / 2) : missing
  if (align === '=') return sign + fill.repeat(missing) + text
  return fill.repeat(left) + sign + text + fill.repeat(missing - left)
}
