/** What a patch of a node must not do: before the node is known, and then to this node. */
import { updateAllowedStates } from '../../../conductor/state/states.js'
import type { NodeRow } from '../../../db/rows.js'
import { Conflict, Invalid, NotAcceptable } from '../../../errors.js'
import type { Contract } from '../../contract/load.js'
import { checkPatchable, type Patch } from '../../patch.js'
import { bestMatch, iterErrors } from '../../validation/json-schema.js'
import { nodeTarget, type NodeRequest } from './access.js'
import { membersToCome, refuseBootModes } from './members.js'
import { allocationOwner } from './queries.js'
import { renamedStates } from './serialize.js'

const MAX_DESCRIPTION = 4096

/** In upstream's order, which is that of its error text. */
const patchable =
  'automated_clean bios_interface boot_interface chassis_uuid conductor_group console_interface deploy_interface description disable_power_off driver driver_info extra inspect_interface instance_info instance_name instance_uuid lessee maintenance management_interface name network_data network_interface owner power_interface properties protected protected_reason raid_interface rescue_interface resource_class retired retired_reason shard storage_interface vendor_interface parent_node firmware_interface'.split(
    ' ',
  )

/** Values a patch gives to exactly this path. */
export const valuesAt = (patch: Patch, path: string): unknown[] =>
  patch.filter((p) => p.path === path && p.op !== 'remove').map((p) => p.value)

/**
 * Checks a patch before anything is looked up, so that a bad one is refused for any node.
 * @throws Invalid 400, NotAcceptable 406
 */
export function checkPatch(
  { ctx, contract, minor }: Pick<NodeRequest, 'ctx' | 'contract' | 'minor'>,
  patch: Patch,
  resetInterfaces: boolean,
): void {
  refuseBootModes(ctx.config, valuesAt(patch, '/properties/capabilities'))
  checkPatchable(patch, patchable)
  for (const [name] of membersToCome(contract.schema('NodePatched'), minor)) {
    if (valuesAt(patch, `/${name}`).length > 0) throw new NotAcceptable()
  }
  if (resetInterfaces && valuesAt(patch, '/driver').length === 0) {
    throw new Invalid(
      "The reset_interfaces parameter can only be used when changing the node's driver.",
    )
  }
  const [description] = valuesAt(patch, '/description')
  if (typeof description === 'string' && description.length > MAX_DESCRIPTION) {
    throw new Invalid(`Cannot update node with description exceeding ${MAX_DESCRIPTION} characters`)
  }
  for (const data of valuesAt(patch, '/network_data')) checkNetworkData(contract, data)
}

function checkNetworkData(contract: Contract, data: unknown): void {
  const fault = bestMatch([...iterErrors(data, contract.schema('NetworkData'))])
  if (fault !== undefined) throw new Invalid(`Invalid network_data: ${fault.message} `)
}

/**
 * Checks whether this node may be patched now (docs/reference/conductor.md, 2.2).
 * @param ident as the client wrote it
 * @throws Conflict 409
 */
export async function checkPatchableNow(
  request: NodeRequest,
  node: NodeRow,
  patch: Patch,
  ident: string,
): Promise<void> {
  const { uuid, provisionState: state, targetProvisionState: target } = node
  if (node.maintenance && freesInstance(patch)) return
  if (target && !updateAllowedStates.has(state)) {
    throw new Conflict(`Node ${ident} can not be updated while a state transition is in progress.`)
  }
  const tellsWaiting = !renamedStates(request.contract, request.minor).has('inspect wait')
  if (state === 'inspecting' && tellsWaiting) {
    throw new Conflict(`Cannot update node "${uuid}" while it is in state "inspecting".`)
  }
  if (valuesAt(patch, '/owner').length > 0) await checkOwnerChange(request, node)
}

const freesInstance = (patch: Patch) =>
  patch.length === 1 && patch[0]?.op === 'remove' && patch[0].path === '/instance_uuid'

async function checkOwnerChange(request: NodeRequest, node: NodeRow): Promise<void> {
  const refused = (why: string) =>
    new Conflict(`Cannot update owner of node "${node.uuid}" while it is ${why}`)
  if (node.provisionState === 'active' && !mayChangeOwner(request, node)) {
    throw refused('in state "active".')
  }
  const owner = await allocationOwner(request.ctx.db.orm, node.allocationId)
  // Upstream's text has two blanks.
  if (owner !== null) throw refused('allocated to an allocation with an  owner.')
}

const mayChangeOwner = ({ auth }: NodeRequest, node: NodeRow): boolean =>
  auth.can('baremetal:node:update_owner_provisioned', nodeTarget(node))

/** @throws Conflict 409: the new driver could not stop the old one's console */
export function checkConsole(node: NodeRow, ident: string): void {
  if (!node.consoleEnabled) return
  throw new Conflict(
    `Node ${ident} can not update the driver while the console is enabled. Please stop the console first.`,
  )
}
