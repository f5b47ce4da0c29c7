/** The form of steps that a client lists, and which of them nobody may ask for. */
import type { Step } from '../../../../drivers/interfaces.js'
import { Invalid, InvalidParameterValue } from '../../../../errors.js'
import { errorReport } from '../../../validation/error-report.js'
import { isUuidLike } from '../../../../identifiers.js'
import { checkNodePolicy } from '../access.js'
import type { ProvisionRequest } from './call.js'

export type StepListKind = 'clean' | 'deploy' | 'service'

const schemas: Readonly<Record<StepListKind, string>> = {
  clean: 'StepList',
  deploy: 'DeployStepList',
  service: 'StepList',
}

/**
 * Checks a list of steps.
 * @returns the steps, which have the form now
 * @throws InvalidParameterValue, Invalid 400; ObjectNotFound, PolicyForbidden for child nodes
 */
export async function checkSteps(
  request: ProvisionRequest,
  kind: StepListKind,
  given: readonly unknown[],
): Promise<readonly Step[]> {
  const report = errorReport(given, request.contract.schema(schemas[kind]))
  if (report !== null) throw new InvalidParameterValue(`Invalid ${kind}_steps: ${report}`)
  const steps = (given as readonly Step[]).map(inOrder)
  for (const step of steps) await checkChildren(request, step)
  const refused = request.ctx.config.api[`disallow_${kind}_steps`]
  for (const { interface: iface, step } of steps) {
    if (!refused.includes(`${iface}.${step}`)) continue
    throw new Invalid(
      `${kind} step '${iface}.${step}' is not allowed. Disallowed by operator configuration [api]disallow_${kind}_steps.`,
    )
  }
  return steps
}

/** Texts and history print steps whole: the telling members come first, whatever was sent. */
function inOrder({ interface: iface, step, args, ...rest }: Step): Step {
  return { interface: iface, step, ...(args === undefined ? {} : { args }), ...rest }
}

/** Child nodes that a step is limited to must be the caller's to work on. */
async function checkChildren(request: ProvisionRequest, step: Step): Promise<void> {
  const children = step['limit_child_node_execution']
  if (step['execute_on_child_nodes'] !== true || !Array.isArray(children)) return
  for (const child of children as unknown[]) {
    if (typeof child !== 'string' || !isUuidLike(child)) {
      throw new InvalidParameterValue(
        `Invalid entry detected for execute_on_child_node parameter in step ${step.step}.`,
      )
    }
    await checkNodePolicy(request, 'baremetal:node:set_provision_state', child)
  }
}
