/**
 * Every rule's answer to every caller about every target, with the new defaults and with the old
 * ones beside them, as the real Ironic's policy gave it (tests/auth/upstream/record_rules.py).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InvalidScope, PolicyForbidden } from '../../src/errors.js'
import { createPolicyEngine, type PolicyEngine } from '../../src/api/policy/engine.js'
import { authContext } from '../../src/api/policy/principal.js'
import { ruleDefaults } from '../../src/api/policy/rules.js'
import type { AuthContext, PolicyTarget } from '../../src/api/policy/types.js'
import { callerFrom, type RecordedCaller } from './_recorded-caller.js'

interface Recorded {
  readonly roles: Record<string, string[]>
  readonly places: Record<string, RecordedCaller>
  readonly targets: Record<string, PolicyTarget>
  readonly renamed: Record<string, string>
  readonly modes: Record<'new' | 'legacy', { rules: string[]; outcomes: string }[]>
}
const path = join(import.meta.dirname, 'upstream', 'rules.json')
const recorded: Recorded = JSON.parse(readFileSync(path, 'utf8'))

/** The recorder's order: places, then roles, then targets. */
const callers = Object.entries(recorded.places).flatMap(([place, values]) =>
  Object.entries(recorded.roles).map(([name, roles]) => ({
    who: `${name} of ${place}`,
    caller: { ...values, roles },
  })),
)
const targets = Object.entries(recorded.targets)

function outcome(auth: AuthContext, rule: string, target: PolicyTarget): 'y' | 'n' | 's' {
  try {
    auth.authorize(rule, target)
    return 'y'
  } catch (e) {
    if (e instanceof InvalidScope) return 's'
    if (e instanceof PolicyForbidden) return 'n'
    throw e
  }
}

/** Each pair that is answered otherwise than recorded, and where `can` and `authorize` disagree. */
function differences(engine: PolicyEngine, rule: string, outcomes: string): string[] {
  const wrong: string[] = []
  callers.forEach(({ who, caller }, c) => {
    const { principal, publicApi } = callerFrom(caller)
    const auth = authContext(engine, principal, { publicApi, serviceProjectName: null })
    targets.forEach(([name, target], t) => {
      const said = outcome(auth, rule, target)
      const wanted = outcomes[c * targets.length + t]
      if (said !== wanted) wrong.push(`${who} on ${name}: ${said}, upstream ${wanted}`)
      if (auth.can(rule, target) !== (said === 'y')) wrong.push(`${who} on ${name}: can differs`)
    })
  })
  return wrong
}

describe.each(['new', 'legacy'] as const)('with the %s defaults', (mode) => {
  const engine = createPolicyEngine({ enforceNewDefaults: mode === 'new' })
  const rows = recorded.modes[mode].flatMap(({ rules, outcomes }) =>
    rules.map((rule) => [rule, outcomes] as const),
  )

  it.each(rows)('%s', (rule, outcomes) => {
    expect(outcomes).toHaveLength(callers.length * targets.length)
    expect(differences(engine, rule, outcomes)).toEqual([])
  })

  it('no rule is missing, none is too many', () => {
    const mine = ruleDefaults.map((r) => r.name).toSorted()
    expect(rows.map(([rule]) => rule).toSorted()).toEqual(mine)
  })

  it('all outcomes occur', () => {
    const seen = new Set(recorded.modes[mode].flatMap(({ outcomes }) => outcomes.split('')))
    expect(seen).toEqual(new Set(['y', 'n', 's']))
  })
})

it('renamed rules go by their old names too', () => {
  const mine = ruleDefaults.flatMap((r) => (r.legacyName ? [[r.name, r.legacyName]] : []))
  expect(Object.fromEntries(mine)).toEqual(recorded.renamed)
})
