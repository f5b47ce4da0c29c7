/** `[…]` of a regular expression of Python, written for JavaScript's `v` mode. */
import { casesOf, escapedCharacter, literal, setOf } from './escapes.js'
import { RegexError, type Scanner } from './scanner.js'

/** A member: a character, or a set that can be no end of a range. */
type Member = { readonly code: number } | { readonly set: string }

/**
 * Reads a class, its opening bracket being taken.
 * @param cases whether to write characters out in upper and lower case
 * @throws RegexError
 */
export function readClass(scan: Scanner, ascii: boolean, cases: boolean): string {
  const start = scan.position - 1
  const inverted = scan.take(/\^/y) !== ''
  const members: string[] = []
  // A bracket that comes first is a member.
  for (let first = true; first || scan.ahead !== ']'; first = false) {
    const { from, to, set } = readRange(scan, ascii, start)
    members.push(set ?? written(from, to, cases))
  }
  scan.next()
  return `[${inverted ? '^' : ''}${members.join('')}]`
}

interface Range {
  readonly from: number
  readonly to: number
  readonly set?: string
}

function readRange(scan: Scanner, ascii: boolean, start: number): Range {
  const at = scan.position
  const low = readMember(scan, ascii, start)
  if (scan.take(/-(?!\])/y) === '') {
    return 'set' in low ? { from: 0, to: 0, set: low.set } : { from: low.code, to: low.code }
  }
  const high = readMember(scan, ascii, start)
  if ('set' in low || 'set' in high || high.code < low.code) {
    throw new RegexError(`bad character range ${shown(low)}-${shown(high)}`, at)
  }
  return { from: low.code, to: high.code }
}

function readMember(scan: Scanner, ascii: boolean, start: number): Member {
  if (scan.ended) throw new RegexError('unterminated character set', start)
  const at = scan.position
  const character = scan.next()
  if (character !== '\\') return { code: character.codePointAt(0) ?? 0 }
  if (scan.ended) throw new RegexError('unterminated character set', start)
  const letter = scan.next()
  const set = setOf(letter, ascii)
  if (set !== undefined) return { set }
  return { code: letter === 'b' ? 8 : escapedCharacter(scan, letter, at) }
}

/** No alphabet with two cases is longer. */
const LONGEST = 1024

function written(from: number, to: number, cases: boolean): string {
  const range = from === to ? literal(from) : `${literal(from)}-${literal(to)}`
  if (!cases || to - from > LONGEST) return range
  const codes = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  return range + codes.flatMap(casesOf).map(literal).join('')
}

const shown = (member: Member): string =>
  'set' in member ? member.set : String.fromCodePoint(member.code)
