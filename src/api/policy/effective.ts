/** Upstream's rules and an operator's, put together as oslo.policy does. */
import { compileCheck, PolicySyntaxError, type Check, type CheckSource } from './language.js'
import { ruleDefaults, type RuleDefault, type Scope } from './rules.js'

export interface RuleOptions {
  /** Rules of a policy file: they replace defaults of their name or stand beside them. */
  readonly overrides?: Readonly<Record<string, CheckSource>>
  /** False: the old checks are alternatives to the new defaults. */
  readonly enforceNewDefaults?: boolean
}

/** A rule in force. */
export interface EffectiveRule {
  readonly name: string
  readonly check: Check
  /** Null: any scope. */
  readonly scope: readonly Scope[] | null
  readonly origin: 'default' | 'policy file'
}

/** @throws PolicySyntaxError naming the rule whose override is not a check */
export function compileRules(options: RuleOptions): Map<string, EffectiveRule> {
  const overrides = compileOverrides(options.overrides ?? {})
  const legacyToo = options.enforceNewDefaults === false
  const rules = new Map(ruleDefaults.map((r) => [r.name, defaultOf(r, overrides, legacyToo)]))
  for (const [name, check] of overrides) {
    const scope = rules.get(name)?.scope ?? null
    rules.set(name, { name, check, scope, origin: 'policy file' })
  }
  return rules
}

function compileOverrides(overrides: Readonly<Record<string, CheckSource>>): Map<string, Check> {
  return new Map(
    Object.entries(overrides).map(([name, source]) => {
      try {
        return [name, compileCheck(source)]
      } catch (e) {
        if (!(e instanceof PolicySyntaxError)) throw e
        throw new PolicySyntaxError(`The policy rule ${name}: ${e.message}`, { cause: e })
      }
    }),
  )
}

function defaultOf(
  rule: RuleDefault,
  overrides: ReadonlyMap<string, Check>,
  legacyToo: boolean,
): EffectiveRule {
  const { name, scope } = rule
  const renamed = underOldName(rule, overrides)
  if (renamed !== null) return { name, scope, check: renamed, origin: 'policy file' }
  const text =
    legacyToo && rule.legacy !== undefined ? `(${rule.check}) or (${rule.legacy})` : rule.check
  return { name, scope, check: compileCheck(text), origin: 'default' }
}

/**
 * The override of the name a rule had before: it holds for the rule too, unless it says nothing
 * new or names the rule itself (`Enforcer._handle_deprecated_rule` of oslo.policy).
 */
function underOldName(rule: RuleDefault, overrides: ReadonlyMap<string, Check>): Check | null {
  const { legacyName, legacy } = rule
  const override = legacyName === undefined ? undefined : overrides.get(legacyName)
  if (override === undefined || legacy === undefined || override.names === rule.name) return null
  return checkText(override) === checkText(compileCheck(legacy)) ? null : override
}

/** A check as one may write it. */
export function checkText({ word, text, parts }: Check): string {
  if (word === 'leaf') return text
  const inner = parts.map((part) => (part.word === 'leaf' ? part.text : `(${checkText(part)})`))
  if (word === 'not') return `not ${inner.join('')}`
  return inner.join(word === 'any of' ? ' or ' : ' and ')
}
