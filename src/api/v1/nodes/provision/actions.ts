/** The verb a target stands for. */
import { clean } from '../../../../conductor/verbs/clean.js'
import { deploy } from '../../../../conductor/verbs/deploy.js'
import { inspect } from '../../../../conductor/verbs/inspect.js'
import { provisioningAction } from '../../../../conductor/verbs/provisioning-action.js'
import { rescue, unrescue } from '../../../../conductor/verbs/rescue.js'
import { service } from '../../../../conductor/verbs/service.js'
import { tearDown } from '../../../../conductor/verbs/tear-down.js'
import { Invalid } from '../../../../errors.js'
import type { ProvisionCall } from './call.js'
import { checkSteps } from './steps.js'

type Action = (call: ProvisionCall) => Promise<void>

const actions: Readonly<Record<string, Action>> = {
  active: (call) => startDeploy(call, false),
  deploy: (call) => startDeploy(call, false),
  rebuild: (call) => startDeploy(call, true),
  deleted: startTearDown,
  undeploy: startTearDown,
  inspect: ({ request, node }) => inspect(request.ctx, request.caller, node.uuid),
  rescue: startRescue,
  unrescue: ({ request, node }) => unrescue(request.ctx, request.caller, node.uuid),
  clean: startClean,
  service: startService,
  manage: (call) => provision(call, 'manage'),
  provide: (call) => provision(call, 'provide'),
  abort: (call) => provision(call, 'abort'),
  adopt: (call) => provision(call, 'adopt'),
  unhold: (call) => provision(call, 'unhold'),
}

/**
 * Hands the call to the conductor.
 * @throws Invalid 400 for events that only the conductor fires, and what the verb throws
 */
export async function act(call: ProvisionCall): Promise<void> {
  const action = Object.hasOwn(actions, call.target) ? actions[call.target] : undefined
  if (action === undefined) {
    throw new Invalid(`The requested action "${call.target}" could not be understood.`)
  }
  await action(call)
}

async function startDeploy(call: ProvisionCall, rebuild: boolean): Promise<void> {
  const { request, node, configdrive } = call
  const given = call.deploySteps
  const deploySteps = given.length === 0 ? null : await checkSteps(request, 'deploy', given)
  await deploy(request.ctx, request.caller, node.uuid, { rebuild, configdrive, deploySteps })
}

async function startTearDown({ request, node }: ProvisionCall): Promise<void> {
  await tearDown(request.ctx, request.caller, node.uuid)
}

async function startRescue({ request, node, rescuePassword }: ProvisionCall): Promise<void> {
  if (rescuePassword === null || rescuePassword.trim() === '') {
    throw new Invalid(
      'A non-empty "rescue_password" is required when setting target provision state to rescue',
    )
  }
  await rescue(request.ctx, request.caller, node.uuid, rescuePassword)
}

async function startClean(call: ProvisionCall): Promise<void> {
  const { request, node, cleanSteps: given } = call
  requireSteps('clean', given)
  const steps = await checkSteps(request, 'clean', given)
  const disableRamdisk = call.disableRamdisk === true
  await clean(request.ctx, request.caller, node.uuid, { steps, disableRamdisk })
}

async function startService(call: ProvisionCall): Promise<void> {
  const { request, node, serviceSteps: given } = call
  requireSteps('service', given)
  const steps = await checkSteps(request, 'service', given)
  const disableRamdisk = call.disableRamdisk === true
  await service(request.ctx, request.caller, node.uuid, { steps, disableRamdisk })
}

function requireSteps(target: 'clean' | 'service', steps: readonly unknown[]): void {
  if (steps.length > 0) return
  throw new Invalid(
    `"${target}_steps" is required when setting target provision state to ${target}`,
  )
}

async function provision(
  { request, node }: ProvisionCall,
  verb: 'manage' | 'provide' | 'abort' | 'adopt' | 'unhold',
): Promise<void> {
  await provisioningAction(request.ctx, request.caller, node.uuid, verb)
}
