/**
 * Regular expressions of Python's `re` in JavaScript: same syntax taken and refused, same meaning of `.`, `$`, `\w`,
 * `\d`, `\s` and `\b`. Not taken: conditionals `(?(1)…)`, `(?-i:…)` within `(?i)`, `\N{…}`.
 */
import { readClass } from './classes.js'
import { casesOf, escapedCharacter, literal, setOf } from './escapes.js'
import { RegexError, Scanner, VariableWidth } from './scanner.js'

interface State {
  readonly scan: Scanner
  /** Flags in force here. */
  flags: ReadonlySet<string>
  /** Whether JavaScript itself looks past upper and lower case; else it is written out where that is wanted. */
  readonly folds: boolean
  /** Groups that capture, by number; their names where they have one. */
  readonly groups: (string | null)[]
  /** Groups that are complete: only these can be referred to. */
  readonly closed: Set<number>
  /** How many look-behinds this part is in: what they look at has one length. */
  behind: number
  /** Atomic parts so far, each kept in a group of its own. */
  atoms: number
}

const knownFlags = 'aimsxuL'

/**
 * Compiles an expression; `sticky` matches at the start only, as `re.match`.
 * @throws RegexError with Python's text
 */
export function pythonRegex(pattern: string, sticky = false): RegExp {
  const scan = new Scanner(pattern)
  const inline = new RegExp(`\\(\\?([${knownFlags}]+)\\)`, 'y')
  const flags = new Set(scan.take(inline).replaceAll(/[^a-zA-Z]/g, ''))
  const folds = flags.has('i')
  const state: State = { scan, flags, folds, groups: [], closed: new Set(), behind: 0, atoms: 0 }
  const source = alternatives(state)
  if (!scan.ended) throw new RegexError('unbalanced parenthesis', scan.position)
  return new RegExp(source, `v${folds ? 'i' : ''}${sticky ? 'y' : ''}`)
}

function alternatives(state: State): string {
  const { scan } = state
  let out = ''
  while (!scan.ended && scan.ahead !== ')') {
    if (scan.take(/\|/y) !== '') out += '|'
    else if (!skipped(state)) out += quantified(state)
  }
  return out
}

/** Blanks and comments of the verbose form. */
function skipped({ scan, flags }: State): boolean {
  return flags.has('x') && scan.take(/\s+|#[^\n]*/y) !== ''
}

const quantifier = /[*+?]|\{(?:\d+,?\d*|,\d*)\}/y

function quantified(state: State): string {
  const { scan } = state
  const start = scan.position
  if (scan.take(/[*+?]/y) !== '') throw new RegexError('nothing to repeat', start)
  const part = atom(state)
  while (skipped(state));
  const given = scan.take(quantifier)
  if (given === '') return part
  if (part === '') throw new RegexError('nothing to repeat', start)
  if (state.behind > 0 && !/^\{(\d+)(,\1)?\}$/.test(given)) throw new VariableWidth()
  const often = boundsOf(given)
  const possessive = scan.take(/\+/y) !== ''
  const lazy = possessive ? '' : scan.take(/\?/y)
  const again = scan.position
  if (scan.take(quantifier) !== '') throw new RegexError('multiple repeat', again)
  return possessive ? atomic(state, `${part}${often}`) : `${part}${often}${lazy}`
}

const boundsOf = (given: string): string => given.replace(/^\{,/, '{0,')

/** JavaScript has no atomic groups: what a look-ahead has captured is not tried again. */
function atomic(state: State, source: string): string {
  const name = `atom${(state.atoms += 1)}`
  return `(?:(?=(?<${name}>${source}))\\k<${name}>)`
}

function atom(state: State): string {
  const { scan, flags } = state
  const character = scan.next()
  switch (character) {
    case '(':
      return group(state)
    case '[':
      return readClass(scan, flags.has('a'), writesCases(state))
    case '\\':
      return escape(state)
    case '.':
      return flags.has('s') ? '[^]' : '[^\\n]'
    case '^':
      return flags.has('m') ? '(?<![^\\n])' : '(?<![^])'
    case '$':
      return flags.has('m') ? '(?![^\\n])' : '(?=\\n?(?![^]))'
    default:
      return written(state, character.codePointAt(0) ?? 0)
  }
}

const writesCases = ({ flags, folds }: State): boolean => flags.has('i') && !folds

const written = (state: State, code: number): string =>
  writesCases(state) ? `[${casesOf(code).map(literal).join('')}]` : literal(code)

function escape(state: State): string {
  const { scan, flags } = state
  const start = scan.position - 1
  if (scan.ended) throw new RegexError('bad escape (end of pattern)', start)
  const letter = scan.next()
  const place = placeOf(letter, flags.has('a'))
  if (place !== undefined) return place
  if (!/[1-9]/.test(letter)) return written(state, escapedCharacter(scan, letter, start))
  const octal = /[0-3]/.test(letter) ? scan.take(/[0-7]{2}/y) : ''
  if (octal !== '') return literal(parseInt(letter + octal, 8))
  return reference(state, Number(letter + scan.take(/\d?/y)), start + 1)
}

/** What matches a place or one of many characters. */
function placeOf(letter: string, ascii: boolean): string | undefined {
  const word = setOf('w', ascii) ?? ''
  if (letter === 'A') return '(?<![^])'
  if (letter === 'Z') return '(?![^])'
  if (letter === 'b') return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
  if (letter === 'B') return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`
  return setOf(letter, ascii)
}

function reference({ groups, closed }: State, number: number, position: number): string {
  if (number > groups.length) {
    throw new RegexError(`invalid group reference ${number}`, position)
  }
  if (!closed.has(number)) throw new RegexError('cannot refer to an open group', position - 1)
  return `\\k<group${number}>`
}

function group(state: State): string {
  const { scan } = state
  const start = scan.position - 1
  if (scan.take(/\?/y) === '') return capturing(state, null, start)
  const looks = scan.take(/:|=|!|<=|<!/y)
  if (looks.startsWith('<')) return lookingBehind(state, looks, start)
  if (looks !== '') return `(?${looks}${closing(state, start)})`
  if (scan.take(/>/y) !== '') return atomic(state, closing(state, start))
  if (scan.take(/#/y) !== '') return comment(scan, start)
  const name = scan.take(/P<[^>]*>/y)
  if (name !== '') return capturing(state, name.slice(2, -1), start)
  const known = scan.take(/P=[^)]*\)/y)
  if (known !== '') return named(state, known.slice(2, -1), start + 3)
  return flagged(state, start)
}

function lookingBehind(state: State, looks: string, start: number): string {
  state.behind += 1
  const source = closing(state, start)
  state.behind -= 1
  return `(?${looks}${source})`
}

function closing(state: State, start: number): string {
  const source = alternatives(state)
  if (state.scan.next() === ')') return source
  throw new RegexError('missing ), unterminated subpattern', start)
}

function capturing(state: State, name: string | null, start: number): string {
  if (name !== null && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) {
    throw new RegexError(`bad character in group name '${name}'`, start + 4)
  }
  const number = state.groups.push(name)
  const source = closing(state, start)
  state.closed.add(number)
  return `(?<group${number}>${source})`
}

function named(state: State, name: string, position: number): string {
  const number = state.groups.indexOf(name) + 1
  if (number === 0) throw new RegexError(`unknown group name '${name}'`, position)
  return reference(state, number, position)
}

function comment(scan: Scanner, start: number): string {
  if (!scan.take(/[^)]*\)/y)) throw new RegexError('missing ), unterminated comment', start)
  return ''
}

/** `(?i:…)`, `(?s-x:…)`; everything else with a question mark is refused. */
function flagged(state: State, start: number): string {
  const { scan } = state
  const letters = scan.take(/[aimsxuL]*(?:-[imsx]+)?(?=[:)])/y)
  if (letters === '') return unknownExtension(scan, start)
  if (scan.next() === ')') {
    throw new RegexError('global flags not at the start of the expression', start)
  }
  const [on = '', off = ''] = letters.split('-')
  if (off.includes('i') && state.folds) {
    throw new RegexError('(?-i:…) within (?i) is not supported here', start)
  }
  const around = state.flags
  state.flags = new Set([...around, ...Array.from(on)].filter((flag) => !off.includes(flag)))
  const source = closing(state, start)
  state.flags = around
  return `(?:${source})`
}

function unknownExtension(scan: Scanner, start: number): never {
  const kind = scan.take(/[<P]?[^]?/y)
  if (kind !== '(') throw new RegexError(`unknown extension ?${kind}`, start + 1)
  throw new RegexError('conditionals are not supported here, (?(', start)
}
