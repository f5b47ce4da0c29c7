import { Forbidden } from '../../../../errors.js'
import type { AuthContext } from '../../../policy/types.js'
import { isObject } from '../../../validation/json-schema.js'
import { nodeTarget } from '../access.js'
import type { ProvisionCall } from './call.js'

/**
 * Who may choose steps, and which. A runbook's steps have been approved with the runbook.
 * @throws PolicyForbidden, Forbidden 403
 */
export function checkStepPolicies(call: ProvisionCall): void {
  if (call.runbook !== null) return
  const { auth } = call.request
  const target = nodeTarget(call.node)
  const rule = 'baremetal:node:set_provision_state'
  if (call.cleanSteps.length > 0) auth.authorize(`${rule}:clean_steps`, target)
  if (call.serviceSteps.length > 0) auth.authorize(`${rule}:service_steps`, target)
  refuseForbiddenSteps(auth, call.node, [
    ...call.deploySteps,
    ...call.cleanSteps,
    ...call.serviceSteps,
  ])
}

/**
 * Asks the rules that operators made for single steps; a step without one is free. What is no
 * step is left to the schema.
 * @throws Forbidden 403 naming every step that is refused
 */
export function refuseForbiddenSteps(
  auth: AuthContext,
  node: Parameters<typeof nodeTarget>[0],
  steps: readonly unknown[],
): void {
  const target = nodeTarget(node)
  const refused = steps.filter(isObject).filter(({ interface: kind, step }) => {
    const rule = `baremetal:step:execute:${String(kind)}.${String(step)}`
    return auth.knowsRule(rule) && !auth.can(rule, target)
  })
  if (refused.length === 0) return
  const texts = refused.map(
    ({ interface: kind, step }) =>
      `insufficient privileges to execute step ${String(step)} on interface ${String(kind)}`,
  )
  throw new Forbidden(texts.join('; '))
}
