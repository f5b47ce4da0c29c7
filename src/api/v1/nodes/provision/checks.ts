/**
 * What is checked before a verb reaches the conductor, in upstream's order (docs/reference/rest-api.md 8.7,
 * docs/reference/conductor.md 4): clients see the first refusal.
 */
import { isActionable } from '../../../../conductor/state/machine.js'
import {
  Invalid,
  InvalidStateRequested,
  NodeInMaintenance,
  NodeLocked,
  NotAcceptable,
} from '../../../../errors.js'
import { features } from '../states/features.js'
import type { ProvisionCall } from './call.js'
import { checkConfigDrive } from './configdrive.js'
import { checkStepPolicies } from './step-policies.js'

type Check = (call: ProvisionCall) => void

/** Targets whose event has another name; any other target is its own event. */
const events: Readonly<Record<string, string>> = {
  active: 'deploy',
  deleted: 'delete',
  undeploy: 'delete',
}

const known = (call: ProvisionCall, feature: string): boolean =>
  features(call.request, 'ProvisionFeature')(feature)

/** Of the node and the target: these come before a runbook is looked up. */
export const stateChecks: readonly Check[] = [
  (call) => {
    if (!features(call.request, 'ProvisionTarget')(call.target)) throw new NotAcceptable()
  },
  checkStepPolicies,
  ({ node, target }) => {
    if ((target === 'active' || target === 'rebuild') && node.maintenance === true) {
      throw new NodeInMaintenance('provisioning', node.uuid)
    }
  },
  ({ node, target }) => {
    if (isActionable(node.provisionState, events[target] ?? target)) return
    // A node that is being worked on has always answered 409 here.
    if (node.reservation !== null) throw new NodeLocked(node.uuid, node.reservation)
    throw new InvalidStateRequested(target, node.uuid, node.provisionState)
  },
  (call) => checkConfigDrive(call, (feature) => known(call, feature)),
]

/** Of the arguments, a runbook's steps included. */
export const argumentChecks: readonly Check[] = [
  checkDisableRamdisk,
  (call) => refuseMisplacedSteps(call, 'clean', call.cleanSteps),
  checkDeploySteps,
  ({ rescuePassword, target }) => {
    if (rescuePassword !== null && target !== 'rescue') {
      throw new Invalid(onlyValid('rescue_password', 'rescue'))
    }
  },
  checkAbort,
  (call) => {
    if (call.target === 'unhold' && !known(call, 'unhold')) throw new NotAcceptable()
  },
  (call) => refuseMisplacedSteps(call, 'service', call.serviceSteps),
  (call) => {
    if (call.target === 'service' && !known(call, 'service')) throw new NotAcceptable()
  },
]

const onlyValid = (argument: string, targets: string): string =>
  `"${argument}" is only valid when setting target provision state to ${targets}`

function checkDisableRamdisk(call: ProvisionCall): void {
  const { target, disableRamdisk } = call
  if (disableRamdisk === null) return
  if (target !== 'clean' && target !== 'service') {
    throw new Invalid('disable_ramdisk is supported only with manual cleaning or servicing')
  }
  if (!known(call, `${target}_disable_ramdisk`)) {
    throw new NotAcceptable('disable_ramdisk is not acceptable in this API version')
  }
}

function refuseMisplacedSteps(
  call: ProvisionCall,
  kind: 'clean' | 'service',
  steps: readonly unknown[],
): void {
  if (steps.length === 0 || call.target === kind) return
  throw new Invalid(
    call.runbook === null
      ? onlyValid(`${kind}_steps`, kind)
      : onlyValid('runbooks', "any of ['clean', 'service']"),
  )
}

function checkDeploySteps(call: ProvisionCall): void {
  if (call.deploySteps.length === 0) return
  const since = call.request.contract.fields('ProvisionFeature')
  const minimum = since.find((f) => f.name === 'deploy_steps')?.min ?? 0
  if (!known(call, 'deploy_steps')) throw NotAcceptable.minVersion(minimum)
  if (call.target !== 'active' && call.target !== 'rebuild') {
    throw new Invalid(onlyValid('deploy_steps', 'active or rebuild'))
  }
}

/** From these two states, aborting came later than the verb. */
const laterAborts: Readonly<Record<string, string>> = {
  'inspect wait': 'abort_inspect_wait',
  'wait call-back': 'abort_wait_call_back',
}

function checkAbort(call: ProvisionCall): void {
  const feature = laterAborts[call.node.provisionState]
  if (call.target === 'abort' && feature !== undefined && !known(call, feature)) {
    throw new NotAcceptable()
  }
}
