/**
 * oslo.policy's check language: leaves (see `leaf.ts`), `@`, `!`, `and`, `or`, `not`, parentheses.
 * An empty check passes. What oslo.policy does not understand it denies with a line in the log;
 * here it is an error when the rules are read, so that nobody believes in a rule that is none.
 * Source: oslo.policy documentation, "Policy Rule Expressions"; tests/auth/upstream.
 */
import type { CheckScope } from './scope.js'
import { leafOf, PolicySyntaxError, type Holds } from './leaf.js'

export { PolicySyntaxError } from './leaf.js'

/** What a check is made of, for those who ask why. */
export interface CheckParts {
  readonly word: 'any of' | 'all of' | 'not' | 'leaf'
  /** A leaf as it is written. */
  readonly text: string
  readonly parts: readonly Check[]
  /** The rule a leaf names. */
  readonly names: string | null
}

export type Check = ((scope: CheckScope) => boolean) & CheckParts

/** A check as a policy file may hold it; a list is the old form: any of, each all of. */
export type CheckSource = string | readonly (string | readonly string[])[]

/**
 * Compiles a check.
 * @throws PolicySyntaxError naming the check
 */
export function compileCheck(source: CheckSource): Check {
  if (typeof source !== 'string') return compileList(source)
  return source === '' ? always : new Parser(tokenize(source), source).parse()
}

/** Each word, without the parentheses around it: those within belong to `%(key)s`. */
function tokenize(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [, before = '', bare = '', after = ''] = /^(\(*)(.*?)(\)*)$/.exec(word) ?? []
      return [before.split(''), bare === '' ? [] : [bare], after.split('')].flat()
    })
}

function compileList(source: readonly (string | readonly string[])[]): Check {
  if (source.length === 0) return always
  const alternatives = source
    .filter((inner) => inner.length > 0)
    .map((inner) => {
      const leaves = (typeof inner === 'string' ? [inner] : inner).map((text) => atom(text, text))
      return joined('all of', leaves)
    })
  return alternatives.length === 0 ? single('!', () => false) : joined('any of', alternatives)
}

/** Recursive descent; `not` binds closest, then `and`, then `or`. */
class Parser {
  private at = 0
  private readonly tokens: readonly string[]
  private readonly text: string

  constructor(tokens: readonly string[], text: string) {
    this.tokens = tokens
    this.text = text
  }

  parse(): Check {
    const check = this.or()
    if (this.at < this.tokens.length) throw this.fault()
    return check
  }

  private or(): Check {
    const parts = [this.and()]
    while (this.take('or')) parts.push(this.and())
    return joined('any of', parts)
  }

  private and(): Check {
    const parts = [this.not()]
    while (this.take('and')) parts.push(this.not())
    return joined('all of', parts)
  }

  private not(): Check {
    if (!this.take('not')) return this.operand()
    const inner = this.not()
    return checkOf((s) => !inner(s), { word: 'not', text: 'not', parts: [inner], names: null })
  }

  private operand(): Check {
    if (this.take('(')) {
      const inner = this.or()
      if (!this.take(')')) throw this.fault()
      return inner
    }
    const token = this.tokens[this.at++]
    if (token === undefined || /^(?:[()]|and|or)$/i.test(token)) throw this.fault()
    return atom(token, this.text)
  }

  private take(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false
    this.at++
    return true
  }

  private fault(): PolicySyntaxError {
    return new PolicySyntaxError(`"${this.text}" is not a policy check`)
  }
}

const checkOf = (holds: Holds, parts: CheckParts): Check =>
  // A new function for each: checks may share what decides.
  Object.assign((s: CheckScope) => holds(s), parts)

const single = (text: string, holds: Holds, names: string | null = null): Check =>
  checkOf(holds, { word: 'leaf', text, parts: [], names })

const always = single('@', () => true)

/** @param whole the check the leaf stands in, for errors */
function atom(text: string, whole: string): Check {
  if (text === '@') return always
  if (text === '!') return single(text, () => false)
  const { holds, names } = leafOf(text, whole)
  return single(text, holds, names)
}

/** One part alone needs no word around it. */
function joined(word: 'any of' | 'all of', parts: readonly Check[]): Check {
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0) return only
  const holds: Holds =
    word === 'any of' ? (s) => parts.some((p) => p(s)) : (s) => parts.every((p) => p(s))
  return checkOf(holds, { word, text: word, parts, names: null })
}
