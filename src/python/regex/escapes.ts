/** What a backslash says in a regular expression of Python, in and out of character classes. */
import { RegexError, type Scanner } from './scanner.js'

/** One character, written so that no grammar of JavaScript takes it for anything else. */
export const literal = (code: number): string => `\\u{${code.toString(16)}}`

/** A character and what it is in upper and in lower case. */
export function casesOf(code: number): number[] {
  const character = String.fromCodePoint(code)
  const cases = [character, character.toLowerCase(), character.toUpperCase()]
  return [
    ...new Set(cases.filter((c) => Array.from(c).length === 1).map((c) => c.codePointAt(0) ?? 0)),
  ]
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

const space =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const sets = {
  unicode: { d: '\\p{Nd}', w: '\\p{L}\\p{N}_', s: space },
  ascii: { d: '0-9', w: 'a-zA-Z0-9_', s: '\\t-\\r\\x20' },
}

/** A class of characters by its letter, as `v` mode writes it; undefined for other letters. */
export function setOf(letter: string, ascii: boolean): string | undefined {
  const known: Readonly<Record<string, string>> = sets[ascii ? 'ascii' : 'unicode']
  const members = known[letter.toLowerCase()]
  if (members === undefined) return undefined
  return letter === letter.toLowerCase() ? `[${members}]` : `[^${members}]`
}

/**
 * The character an escape stands for, the scanner being past the backslash and the letter.
 * @throws RegexError for letters that mean nothing
 */
export function escapedCharacter(scan: Scanner, letter: string, start: number): number {
  const control = controls[letter]
  if (control !== undefined) return control
  const digits = hexDigits[letter]
  if (digits !== undefined) return hexadecimal(scan, letter, digits, start)
  if (/[0-7]/.test(letter)) return parseInt(letter + scan.take(/[0-7]{0,2}/y), 8)
  if (/[a-zA-Z0-9]/.test(letter)) throw new RegexError(`bad escape \\${letter}`, start)
  return letter.codePointAt(0) ?? 0
}

function hexadecimal(scan: Scanner, letter: string, digits: number, start: number): number {
  const found = scan.take(new RegExp(`[0-9a-fA-F]{0,${digits}}`, 'y'))
  const code = parseInt(found, 16)
  if (found.length === digits && code <= 0x10ffff) return code
  throw new RegexError(`incomplete escape \\${letter}${found}`, start)
}
