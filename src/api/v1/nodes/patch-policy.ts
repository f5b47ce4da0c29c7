/** Which rules a patch of a node asks (docs/reference/policy.json, `node_patch_rules`). */
import type { NodeRow } from '../../../db/rows.js'
import { interfaceKinds } from '../../../drivers/interfaces.js'
import type { Patch, PatchOperation } from '../../patch.js'
import { checkNodePolicy, nodeTarget, type NodeRequest } from './access.js'

/** The first that a path starts with decides. */
const rulesByPrefix: readonly (readonly [string, string])[] = [
  ['/instance_info', 'baremetal:node:update_instance_info'],
  ['/extra', 'baremetal:node:update_extra'],
  ['/driver_info', 'baremetal:node:update:driver_info'],
  ['/properties', 'baremetal:node:update:properties'],
  ['/chassis_uuid', 'baremetal:node:update:chassis_uuid'],
  ['/instance_uuid', 'baremetal:node:update:instance_uuid'],
  ['/instance_name', 'baremetal:node:update_instance_info'],
  ['/lessee', 'baremetal:node:update:lessee'],
  ['/owner', 'baremetal:node:update:owner'],
  ['/driver', 'baremetal:node:update:driver_interfaces'],
  ['/network_data', 'baremetal:node:update:network_data'],
  ['/conductor_group', 'baremetal:node:update:conductor_group'],
  ['/name', 'baremetal:node:update:name'],
  ['/retired', 'baremetal:node:update:retired'],
  ['/shard', 'baremetal:node:update:shard'],
  ['/parent_node', 'baremetal:node:update:parent_node'],
  ['/disable_power_off', 'baremetal:node:update:disable_power_off'],
]
const interfacePaths = new Set(interfaceKinds.map((kind) => `/${kind}_interface`))
const falseWords = /^\s*(0|f|false|off|n|no)\s*$/i

/** @returns the rules in the order in which they are checked; at least one */
export function patchRules(patch: Patch): string[] {
  const picked = patch.map(ruleOf)
  const rules = new Set(picked.filter((r) => r !== null))
  if (picked.includes(null) || rules.size === 0) rules.add('baremetal:node:update')
  for (const operation of patch) {
    if (operation.path.startsWith('/maintenance')) rules.add(maintenanceRule(operation))
  }
  return [...rules]
}

const isOff = (value: unknown): boolean =>
  value === false || (typeof value === 'string' && falseWords.test(value))

/** The rule of PUT and DELETE /maintenance, besides that of an update (fixed upstream in 39.0.1). */
const maintenanceRule = ({ op, value }: PatchOperation): string =>
  op === 'remove' || value === null || isOff(value)
    ? 'baremetal:node:clear_maintenance'
    : 'baremetal:node:set_maintenance'

function ruleOf({ path, value }: PatchOperation): string | null {
  const byPrefix = rulesByPrefix.find(([prefix]) => path.startsWith(prefix))
  if (byPrefix !== undefined) return byPrefix[1]
  if (interfacePaths.has(path)) return 'baremetal:node:update:driver_interfaces'
  const stopsCleaning = path.startsWith('/automated_clean') && isOff(value)
  return stopsCleaning ? 'baremetal:node:disable_cleaning' : null
}

/**
 * Finds the node of a patch and asks every rule.
 * @throws ObjectNotFound 404, PolicyForbidden 403, Invalid 400
 */
export async function checkPatchPolicy(
  request: NodeRequest,
  ident: string,
  patch: Patch,
): Promise<NodeRow> {
  const [first = '', ...others] = patchRules(patch)
  const node = await checkNodePolicy(request, first, ident)
  for (const rule of others) request.auth.authorize(rule, nodeTarget(node))
  return node
}
