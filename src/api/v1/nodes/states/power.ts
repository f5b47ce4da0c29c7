import { changePowerState } from '../../../../conductor/verbs/power.js'
import { storedPowerTarget } from '../../../../conductor/state/states.js'
import type { NodeRow } from '../../../../db/rows.js'
import type { PowerTarget } from '../../../../drivers/interfaces.js'
import {
  Invalid,
  InvalidStateRequested,
  NotAcceptable,
  PowerStateFailure,
} from '../../../../errors.js'
import { mergedArguments, type ApiRequest, type Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { features } from './features.js'

type Power = operations['nodeStates.power']

const beingCleaned = new Set(['clean wait', 'cleaning'])

/** `PUT .../states/power`: checks in upstream's order, then the conductor. */
export const power: Handler<Power> = async (request) => {
  const { target, timeout, node_ident: ident } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_power_state', ident)
  gate(request, target ?? null, timeout ?? null)
  const wanted = checkTarget(node, ident, target ?? null)
  await changePowerState(request.ctx, request.caller, node.uuid, wanted, timeout ?? null)
  return { location: `/v1/nodes/${ident}/states` }
}

function gate(request: ApiRequest<Power>, target: string | null, timeout: number | null): void {
  const known = features(request, 'PowerFeature')
  if ((target !== null && !known(target)) || (timeout && !known('timeout'))) {
    throw new NotAcceptable()
  }
  if (timeout !== null && timeout < 1) throw new Invalid('timeout has to be positive integer')
}

const isPowerTarget = (target: string | null): target is PowerTarget =>
  target !== null && Object.hasOwn(storedPowerTarget, target)

/** @throws InvalidStateRequested 400, PowerStateFailure 409 */
function checkTarget(node: NodeRow, ident: string, target: string | null): PowerTarget {
  if (!isPowerTarget(target)) {
    throw new InvalidStateRequested(target ?? 'None', ident, node.powerState)
  }
  if (beingCleaned.has(node.provisionState)) {
    throw new InvalidStateRequested(target, ident, node.provisionState)
  }
  const off = target === 'power off' || target === 'soft power off'
  if (off && node.disablePowerOff === true) throw new PowerStateFailure(target)
  return target
}
