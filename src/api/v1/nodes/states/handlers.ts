import { setBootMode, setSecureBoot } from '../../../../conductor/operations/boot-mode.js'
import { getConsole, setConsoleMode } from '../../../../conductor/operations/console.js'
import { setTargetRaidConfig } from '../../../../conductor/operations/raid.js'
import { unstableStates } from '../../../../conductor/state/states.js'
import type { NodeRow } from '../../../../db/rows.js'
import {
  Conflict,
  InvalidParameterValue,
  NotFound,
  UnsupportedDriverExtension,
} from '../../../../errors.js'
import { gateOperation } from '../../../contract/gate.js'
import { mergedArguments, type Handler } from '../../../request.js'
import { isObject } from '../../../validation/json-schema.js'
import { pyStr } from '../../../validation/python-repr.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { showStates } from './serialize.js'

export const show: Handler<operations['nodeStates.show']> = async (request) => {
  const rule = 'baremetal:node:get_states'
  return {
    body: showStates(request, await checkNodePolicy(request, rule, request.args.node_ident)),
  }
}

const bootModes = ['bios', 'uefi']

export const bootMode: Handler<operations['nodeStates.bootMode']> = async (request) => {
  const { target, node_ident: ident } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_boot_mode', ident)
  gateOperation(request.operation, request.minor, 'late')
  if (typeof target !== 'string' || !bootModes.includes(target)) {
    throw new InvalidParameterValue(
      `Invalid boot mode ${pyStr(target)} requested for node. Allowed boot modes are: ${bootModes.join(', ')}`,
    )
  }
  refuseWhileChanging(node)
  await setBootMode(request.ctx, request.caller, node.uuid, target)
  return { location: `/v1/nodes/${ident}/states` }
}

export const secureBoot: Handler<operations['nodeStates.secureBoot']> = async (request) => {
  const { target, node_ident: ident } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_secure_boot', ident)
  gateOperation(request.operation, request.minor, 'late')
  if (typeof target !== 'boolean') {
    throw new InvalidParameterValue(
      `Invalid secure_boot ${pyStr(target)} requested for node. Allowed secure_boot states are: True, False) `,
    )
  }
  refuseWhileChanging(node)
  await setSecureBoot(request.ctx, request.caller, node.uuid, target)
  return { location: `/v1/nodes/${ident}/states` }
}

/** @throws Conflict 409; the text upstream forgot to format is on the wire as it stands */
function refuseWhileChanging(node: NodeRow): void {
  if (!unstableStates.has(node.provisionState)) return
  throw new Conflict(
    'Node is in %(state)s state. Since node is transitioning, the boot mode will not be set as this may interfere with ongoing changes and result in erroneous modification. Try again later.',
  )
}

export const raid: Handler<operations['nodeStates.raid']> = async (request) => {
  const config: unknown = request.body
  if (!isObject(config)) {
    throw new InvalidParameterValue(
      `Expected types <class 'dict'> for target_raid_config: ${pyStr(config)}`,
    )
  }
  const rule = 'baremetal:node:set_raid_state'
  const node = await checkNodePolicy(request, rule, request.args.node_ident)
  gateOperation(request.operation, request.minor, 'late')
  try {
    await setTargetRaidConfig(request.ctx, request.caller, node.uuid, config)
  } catch (error) {
    // RAID is optional for a driver, so that upstream speaks of a resource that is not there.
    if (error instanceof UnsupportedDriverExtension) throw new NotFound(error.message)
    throw error
  }
  return {}
}

export const showConsole: Handler<operations['nodeStates.showConsole']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:get_console', args.node_ident)
  const info = await getConsole(ctx, caller, node.uuid)
  return { body: { console_enabled: info !== null, console_info: info } }
}

export const console: Handler<operations['nodeStates.console']> = async (request) => {
  const { enabled, node_ident: ident } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_console_state', ident)
  await setConsoleMode(request.ctx, request.caller, node.uuid, enabled === true)
  return { location: `/v1/nodes/${ident}/states/console` }
}
