/**
 * oslo.policy's check language: `role:x`, `rule:x`, `key:%(target)s`, `'literal':%(target)s`,
 * `@`, `!`, `and`, `or`, `not`, parentheses. An empty check passes.
 * Source: oslo.policy documentation, "Policy Rule Expressions".
 */
import type { PolicyTarget } from './types.js'

/** What a check may look at about the caller. */
export interface Credentials {
  readonly roles: readonly string[]
  /** `user_id`, `project_id`, `project_name`, `system_scope` … as the checks name them. */
  readonly values: Readonly<Record<string, unknown>>
}

export interface CheckScope {
  readonly credentials: Credentials
  readonly target: PolicyTarget
  /** Evaluates another rule by name. */
  readonly rule: (name: string) => boolean
}

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

export class PolicySyntaxError extends Error {}

/**
 * Compiles a check.
 * @throws PolicySyntaxError naming the check
 */
export function compileCheck(text: string): Check {
  const tokens = tokenize(text)
  if (tokens.length === 0) return single('@', () => true)
  const parser = new Parser(tokens, text)
  return parser.parse()
}

const leafToken = /(?:'[^']*'|[^\s()':]+(?::[^\s()':%]+)*?):(?:%\([^)]*\)s|[^\s()]+)/
const anyToken = new RegExp(`${leafToken.source}|[()]|[^\\s()]+`, 'g')

function tokenize(text: string): string[] {
  return text.match(anyToken) ?? []
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
    return joined('any of', parts, (s) => parts.some((p) => p(s)))
  }

  private and(): Check {
    const parts = [this.not()]
    while (this.take('and')) parts.push(this.not())
    return joined('all of', parts, (s) => parts.every((p) => p(s)))
  }

  private not(): Check {
    if (!this.take('not')) return this.atom()
    const inner = this.not()
    return Object.assign((s: CheckScope) => !inner(s), {
      word: 'not' as const,
      text: 'not',
      parts: [inner],
      names: null,
    })
  }

  private atom(): Check {
    const token = this.tokens[this.at++]
    if (token === undefined) throw this.fault()
    if (token === '(') {
      const inner = this.or()
      if (!this.take(')')) throw this.fault()
      return inner
    }
    if (token === '@') return single(token, () => true)
    if (token === '!') return single(token, () => false)
    const colon = token.startsWith("'") ? token.indexOf("':") + 1 : token.indexOf(':')
    if (colon < 1) throw this.fault()
    const [kind, match] = [token.slice(0, colon), token.slice(colon + 1)]
    return single(token, leaf(kind, match), kind === 'rule' ? match : null)
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

type Holds = (scope: CheckScope) => boolean

const single = (text: string, holds: Holds, names: string | null = null): Check =>
  Object.assign((s: CheckScope) => holds(s), { word: 'leaf' as const, text, parts: [], names })

/** One part alone needs no word around it. */
function joined(word: 'any of' | 'all of', parts: Check[], holds: Holds): Check {
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0) return only
  return Object.assign(holds, { word, text: word, parts, names: null })
}

function leaf(kind: string, match: string): Holds {
  if (kind === 'rule') return (s) => s.rule(match)
  if (kind === 'role') {
    return (s) => {
      const wanted = fill(match, s.target)?.toLowerCase()
      return s.credentials.roles.some((r) => r.toLowerCase() === wanted)
    }
  }
  const literal = /^'(.*)'$/.exec(kind)?.[1]
  return (s) => {
    const wanted = fill(match, s.target)
    if (wanted === undefined) return false
    const own = literal ?? (kind in s.credentials.values ? text(s.credentials.values[kind]) : null)
    return own === wanted
  }
}

/** `%(key)s` out of the target; undefined when the target has no such key. */
function fill(match: string, target: PolicyTarget): string | undefined {
  const key = /^%\(([^)]*)\)s$/.exec(match)?.[1]
  if (key === undefined) return match
  return Object.hasOwn(target, key) ? text(target[key]) : undefined
}

/** As Python's `str`: a null owner and a token without a project are both `None`. */
function text(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
