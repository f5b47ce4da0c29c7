/** Evaluates policy rules: upstream's defaults, an operator's overrides, token scopes. */
import { InvalidScope, PolicyForbidden } from '../../errors.js'
import { compileRules, type EffectiveRule, type RuleOptions } from './effective.js'
import { PolicySyntaxError, type Check } from './language.js'
import type { Credentials } from './scope.js'
import { reasonsOf, type Reason } from './reasons.js'
import type { Scope } from './rules.js'
import type { PolicyTarget } from './types.js'

export interface PolicyOptions extends RuleOptions {
  /** False: a token's scope is not looked at. */
  readonly enforceScope?: boolean
  /** The rule asked in place of one that does not exist; `default` unless given. */
  readonly defaultRule?: string
}

export interface PolicyEngine {
  /** Whether a rule holds; a rule that does not exist does not. */
  holds(rule: string, credentials: Credentials, target: PolicyTarget): boolean
  /** @throws PolicyForbidden 403, InvalidScope 500 */
  enforce(rule: string, credentials: Credentials, target: PolicyTarget): void
  /** Whether a rule exists, for the per-step rules an operator may add. */
  knows(rule: string): boolean
  /** Why a rule holds or does not: its parts, outermost first. */
  explain(rule: string, credentials: Credentials, target: PolicyTarget): Reason[]
  /** Every rule as it is in force, for `ferric policy list`. */
  list(): EffectiveRule[]
}

/** @throws PolicySyntaxError when an override is not a check, or rules go in a circle */
export function createPolicyEngine(options: PolicyOptions = {}): PolicyEngine {
  const rules = compileRules(options)
  const enforceScope = options.enforceScope ?? true
  const defaultRule = options.defaultRule ?? 'default'
  const checkOf = (name: string) => (rules.get(name) ?? rules.get(defaultRule))?.check ?? null
  refuseCircles([...rules.keys()], checkOf)
  const evaluate = (name: string, credentials: Credentials, target: PolicyTarget): boolean => {
    const rule = (other: string) => evaluate(other, credentials, target)
    return checkOf(name)?.({ credentials, target, rule }) ?? false
  }
  /** The scopes a rule wants where the caller's is not among them. */
  const wrongScope = (name: string, credentials: Credentials): readonly Scope[] | null => {
    const scopes = rules.get(name)?.scope ?? null
    return !enforceScope || scopes === null || scopes.includes(scopeOf(credentials)) ? null : scopes
  }
  const holds = (name: string, credentials: Credentials, target: PolicyTarget): boolean => {
    return wrongScope(name, credentials) === null && evaluate(name, credentials, target)
  }
  return {
    holds,
    enforce(name, credentials, target) {
      if (holds(name, credentials, target)) return
      const wrong = wrongScope(name, credentials)
      if (wrong !== null) throw new InvalidScope(name, wrong, scopeOf(credentials))
      throw new PolicyForbidden(name)
    },
    explain(name, credentials, target) {
      const rule = (other: string) => evaluate(other, credentials, target)
      return reasonsOf(checkOf, { credentials, target, rule }, name)
    },
    knows: (name) => rules.has(name),
    list: () => [...rules.values()],
  }
}

/** Upstream evaluates such rules until Python gives up. */
function refuseCircles(names: readonly string[], checkOf: (rule: string) => Check | null): void {
  const done = new Set<string>()
  const visit = (name: string, open: readonly string[]): void => {
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(', ')
      throw new PolicySyntaxError(`These policy rules name each other in a circle: ${circle}`)
    }
    if (done.has(name)) return
    const check = checkOf(name)
    for (const other of check === null ? [] : namedIn(check)) visit(other, [...open, name])
    done.add(name)
  }
  for (const name of names) visit(name, [])
}

const namedIn = (check: Check): string[] =>
  check.names === null ? check.parts.flatMap(namedIn) : [check.names]

/** System, else domain, else project, as oslo.policy decides. */
export function scopeOf(credentials: Credentials): Scope {
  if (credentials.values['system_scope']) return 'system'
  return credentials.values['domain_id'] ? 'domain' : 'project'
}
