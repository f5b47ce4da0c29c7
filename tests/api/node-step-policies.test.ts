import { describe, expect, it } from 'vitest'
import { PolicyForbidden } from '../../src/errors.js'
import type { AuthContext, PolicyTarget } from '../../src/api/policy/types.js'
import {
  checkStepPolicies,
  refuseForbiddenSteps,
} from '../../src/api/v1/nodes/provision/step-policies.js'
import type { ProvisionCall } from '../../src/api/v1/nodes/provision/call.js'

const node = { owner: 'p1', lessee: null }
const erase = { interface: 'deploy', step: 'erase' }
const reset = { interface: 'bios', step: 'reset' }

/** Knows the rules named and lets nobody pass them, unless the target says so. */
function strict(rules: readonly string[], asked: PolicyTarget[] = []): AuthContext {
  const can = (rule: string, target: PolicyTarget = {}) => {
    asked.push(target)
    return !rules.includes(rule)
  }
  return {
    userId: 'u',
    projectId: 'p1',
    roles: ['member'],
    systemScope: null,
    can,
    knowsRule: (rule) => rules.includes(rule),
    authorize: (rule, target) => {
      if (!can(rule, target)) throw new PolicyForbidden(rule)
    },
  }
}

const rule = (step: { interface: string; step: string }) =>
  `baremetal:step:execute:${step.interface}.${step.step}`

const call = (auth: AuthContext, more: Partial<ProvisionCall>) =>
  ({
    request: { auth },
    node,
    cleanSteps: [],
    deploySteps: [],
    serviceSteps: [],
    runbook: null,
    ...more,
  }) as unknown as ProvisionCall

describe('rules for single steps', () => {
  it('leave steps free that have none', () => {
    expect(() => refuseForbiddenSteps(strict([]), node, [erase, reset])).not.toThrow()
  })

  it('name every step they refuse, with the owner in the target', () => {
    const asked: PolicyTarget[] = []
    const auth = strict([rule(erase), rule(reset)], asked)
    expect(() => refuseForbiddenSteps(auth, node, [erase, reset, 'no step'])).toThrow(
      'insufficient privileges to execute step erase on interface deploy; insufficient privileges to execute step reset on interface bios',
    )
    expect(asked[0]).toEqual({ 'node.owner': 'p1' })
  })
})

describe('rules for lists of steps', () => {
  const clean = 'baremetal:node:set_provision_state:clean_steps'
  const service = 'baremetal:node:set_provision_state:service_steps'

  it.each([
    [{ cleanSteps: [erase] }, clean],
    [{ serviceSteps: [erase] }, service],
  ])('are asked for %j', (more, name) => {
    expect(() => checkStepPolicies(call(strict([name]), more))).toThrow(name)
  })

  it('are not asked of a runbook, which has been approved with its steps', () => {
    const more = { cleanSteps: [erase], runbook: 'CUSTOM_BOOK' }
    expect(() => checkStepPolicies(call(strict([clean, rule(erase)]), more))).not.toThrow()
  })
})
