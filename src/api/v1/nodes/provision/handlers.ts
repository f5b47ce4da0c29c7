import { mergedArguments, type Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import { act } from './actions.js'
import type { ProvisionCall, ProvisionRequest } from './call.js'
import { argumentChecks, stateChecks } from './checks.js'
import type { operations } from './contract.gen.js'
import { expandRunbook } from './runbooks.js'
import { givenDrive } from './configdrive.js'

/** `PUT .../states/provision`: the checks of docs/reference/rest-api.md 8.7 in their order, then the verb. */
export const set: Handler<operations['nodeProvision.set']> = async (request) => {
  const asked = await readCall(request)
  for (const check of stateChecks) check(asked)
  const call = await expandRunbook(asked)
  for (const check of argumentChecks) check(call)
  await act(call)
  return { location: `/v1/nodes/${request.args.node_ident}/states` }
}

async function readCall(request: ProvisionRequest): Promise<ProvisionCall> {
  const args = mergedArguments(request)
  const rule = 'baremetal:node:set_provision_state'
  return {
    request,
    node: await checkNodePolicy(request, rule, args.node_ident),
    target: args.target ?? 'None',
    configdrive: givenDrive(args.configdrive),
    cleanSteps: args.clean_steps ?? [],
    deploySteps: args.deploy_steps ?? [],
    serviceSteps: args.service_steps ?? [],
    rescuePassword: args.rescue_password ?? null,
    disableRamdisk: args.disable_ramdisk ?? null,
    runbook: args.runbook === undefined || args.runbook === '' ? null : args.runbook,
  }
}
