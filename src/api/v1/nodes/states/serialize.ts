import type { NodeRow } from '../../../../db/rows.js'
import type { ApiRequest } from '../../../request.js'
import { isoTime, selectFields, serializer, type FieldMakers } from '../../../serialize.js'
import { shownState } from './shown-state.js'

type Env = Pick<ApiRequest, 'contract' | 'minor'>

const makers: FieldMakers<NodeRow, Env> = {
  console_enabled: (n) => n.consoleEnabled ?? false,
  last_error: (n) => n.lastError,
  power_state: (n) => n.powerState,
  provision_state: (n, env) => shownState(env, n.provisionState),
  target_power_state: (n) => n.targetPowerState,
  target_provision_state: (n) => n.targetProvisionState,
  provision_updated_at: (n) => isoTime(n.provisionUpdatedAt),
  raid_config: (n) => n.raidConfig ?? {},
  target_raid_config: (n) => n.targetRaidConfig ?? {},
  boot_mode: (n) => n.bootMode,
  secure_boot: (n) => n.secureBoot,
}

/** The states of a node as `GET .../states` shows them. */
export function showStates<O>(request: ApiRequest<O>, node: NodeRow): Record<string, unknown> {
  const names = selectFields(request.contract, 'NodeStates', request.minor)
  return serializer(makers, names, request)(node)
}
