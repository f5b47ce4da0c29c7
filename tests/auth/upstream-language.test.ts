/**
 * oslo.policy's language and policy files, as the real oslo.policy takes them: hundreds of checks,
 * whole and damaged, and files laid over Ironic's rules (tests/auth/upstream/record_language.py).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPolicyEngine } from '../../src/api/policy/engine.js'
import { PolicySyntaxError, type CheckSource } from '../../src/api/policy/language.js'
import { credentialsOf } from '../../src/api/policy/principal.js'
import type { PolicyTarget } from '../../src/api/policy/types.js'
import { callerFrom, type RecordedCaller } from './_recorded-caller.js'

interface RecordedCheck {
  readonly check: CheckSource
  readonly understood: boolean
  /** Parts of none of the documented forms. */
  readonly odd: string[]
  readonly outcomes: string
}
interface RecordedFile {
  readonly rules: Record<string, CheckSource>
  readonly newDefaults: boolean
  readonly outcomes: Record<string, string>
}
interface Recorded {
  readonly callers: RecordedCaller[]
  readonly target: PolicyTarget
  readonly named: Record<string, string>
  readonly checks: string[]
  readonly files: string[]
}
const path = join(import.meta.dirname, 'upstream', 'language.json')
const recorded: Recorded = JSON.parse(readFileSync(path, 'utf8'))
const checks: RecordedCheck[] = recorded.checks.map((text) => JSON.parse(text))
const files: RecordedFile[] = recorded.files.map((text) => JSON.parse(text))
const callers = recorded.callers.map((caller) => {
  const { principal, publicApi } = callerFrom(caller)
  return credentialsOf(principal, { publicApi, serviceProjectName: null })
})

/** A letter for each caller, or null where the check is refused. */
function outcomesOf(check: CheckSource): string | null {
  try {
    const engine = createPolicyEngine({ overrides: { ...recorded.named, asked: check } })
    return callers.map((c) => (engine.holds('asked', c, recorded.target) ? 'y' : 'n')).join('')
  } catch (e) {
    if (e instanceof PolicySyntaxError) return null
    throw e
  }
}

/** What upstream answers with 500 holds for nobody. */
const settled = (outcomes: string) => outcomes.replaceAll('e', 'n')

/** What upstream denies or answers with 500 is refused here, and so may be what is odd. */
function mayBe({ understood, odd, outcomes }: RecordedCheck): (string | null)[] {
  if (!understood) return [null]
  return odd.length > 0 || outcomes === 'eeee' ? [settled(outcomes), null] : [settled(outcomes)]
}

describe('checks', () => {
  const named = checks.map((one) => [JSON.stringify(one.check), one] as const)

  it.each(named)('%s', (_name, one) => {
    expect(outcomesOf(one.check)).toBeOneOf(mayBe(one))
  })

  it('are many, and of every kind', () => {
    const count = (keep: (one: RecordedCheck) => boolean) => checks.filter(keep).length
    expect(count((one) => one.understood)).toBeGreaterThan(400)
    expect(count((one) => !one.understood)).toBeGreaterThan(50)
    expect(count((one) => /y.*n|n.*y/.test(one.outcomes))).toBeGreaterThan(100)
  })
})

describe('policy files', () => {
  const good = files.filter(({ rules }) => !Object.values(rules).includes(' '))
  const named = good.map(
    (one) => [JSON.stringify(one.rules), one.newDefaults ? 'new' : 'old', one] as const,
  )

  it.each(named)('%s over the %s defaults', (_rules, _mode, { rules, newDefaults, outcomes }) => {
    const ask = () => {
      const engine = createPolicyEngine({ overrides: rules, enforceNewDefaults: newDefaults })
      return Object.keys(outcomes).map((rule) => [
        rule,
        callers.map((c) => (engine.holds(rule, c, recorded.target) ? 'y' : 'n')).join(''),
      ])
    }
    const wanted = Object.entries(outcomes).map(([rule, text]) => [rule, settled(text)])
    expect(ask()).toEqual(wanted)
  })
})

describe('what stops the start', () => {
  const start = (rules: Record<string, CheckSource>) => () =>
    createPolicyEngine({ overrides: rules })

  it.each([
    [{ a: 'rule:b', b: 'rule:c', c: 'rule:a' }, 'in a circle: a, b, c, a'],
    [{ 'baremetal:node:get': 'not rule:baremetal:node:get' }, 'in a circle: baremetal:node:get'],
    [{ default: 'rule:absent' }, 'in a circle: absent, absent'],
    [
      { a: 'http://policy.test/%(node.owner)s' },
      'The policy rule a: .* over HTTP is not supported',
    ],
    [{ a: '@ or https://policy.test' }, 'over HTTP is not supported'],
    [{ 'baremetal:node:delete': ' ' }, 'The policy rule baremetal:node:delete: " " is not'],
    [{ 'baremetal:node:get': 'role:admin or nonsense' }, 'The policy rule baremetal:node:get: '],
  ])('%j', (rules, said) => {
    expect(start(rules as Record<string, CheckSource>)).toThrow(new RegExp(said))
  })

  it('a rule named twice is no circle', () => {
    expect(
      start({ a: 'rule:b and rule:b', b: 'rule:c or rule:d', d: 'rule:c', c: '@' }),
    ).not.toThrow()
  })
})
