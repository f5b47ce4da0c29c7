/** Evaluates policy rules: upstream's defaults, an operator's overrides, token scopes. */
import { InvalidScope, PolicyForbidden } from '../../errors.js'
import { compileCheck, type Check, type Credentials } from './language.js'
import { reasonsOf, type Reason } from './reasons.js'
import { ruleDefaults, type RuleDefault, type Scope } from './rules.js'
import type { PolicyTarget } from './types.js'

export interface PolicyOptions {
  /** Rules of a policy file: they replace defaults of their name or stand beside them. */
  readonly overrides?: Readonly<Record<string, string>>
  /** False: the old checks are alternatives to the new defaults. */
  readonly enforceNewDefaults?: boolean
  /** False: a token's scope is not looked at. */
  readonly enforceScope?: boolean
}

interface Rule {
  readonly check: Check
  readonly text: string
  readonly scope: readonly Scope[] | null
  readonly overridden: boolean
}

export interface EffectiveRule {
  readonly name: string
  readonly check: string
  readonly scope: readonly Scope[] | null
  readonly origin: 'default' | 'policy file'
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

/** @throws PolicySyntaxError when an override is not a check */
export function createPolicyEngine(options: PolicyOptions = {}): PolicyEngine {
  const rules = compileRules(options)
  const enforceScope = options.enforceScope ?? true
  const evaluate = (name: string, credentials: Credentials, target: PolicyTarget): boolean => {
    const rule = rules.get(name)
    const inner = (other: string) => other !== name && evaluate(other, credentials, target)
    return rule?.check({ credentials, target, rule: inner }) ?? false
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
      const checkOf = (other: string) => rules.get(other)?.check ?? null
      return reasonsOf(checkOf, { credentials, target, rule }, name)
    },
    knows: (name) => rules.has(name),
    list: () => [...rules].map(([name, rule]) => effective(name, rule)),
  }
}

function compileRules(options: PolicyOptions): Map<string, Rule> {
  const legacyToo = options.enforceNewDefaults === false
  const rules = new Map(ruleDefaults.map((r) => [r.name, compileDefault(r, legacyToo)]))
  for (const [name, text] of Object.entries(options.overrides ?? {})) {
    const scope = rules.get(name)?.scope ?? null
    rules.set(name, { check: compileCheck(text), text, scope, overridden: true })
  }
  return rules
}

function compileDefault(rule: RuleDefault, legacyToo: boolean): Rule {
  const text =
    legacyToo && rule.legacy !== undefined ? `(${rule.check}) or (${rule.legacy})` : rule.check
  return { check: compileCheck(text), text, scope: rule.scope, overridden: false }
}

function effective(name: string, rule: Rule): EffectiveRule {
  const origin = rule.overridden ? 'policy file' : 'default'
  return { name, check: rule.text, scope: rule.scope, origin }
}

/** System, else domain, else project, as oslo.policy decides. */
export function scopeOf(credentials: Credentials): Scope {
  if (credentials.values['system_scope']) return 'system'
  return credentials.values['domain_id'] ? 'domain' : 'project'
}
