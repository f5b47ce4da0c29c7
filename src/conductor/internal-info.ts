import type { JsonObject } from '../db/columns.js'
import { fastTrackEnabled } from '../drivers/agent-alive.js'
import type { MutableNode, Task } from '../drivers/task.js'

/** What the conductor keeps in `driver_internal_info`, and what is wiped when (conductor.md 11.7). */

type Node = Pick<MutableNode, 'driverInternalInfo'>

export const infoOf = (node: Node): JsonObject => node.driverInternalInfo ?? {}

export function setInfo(node: Node, values: JsonObject): void {
  node.driverInternalInfo = { ...infoOf(node), ...values }
}

export function dropInfo(node: Node, keys: readonly string[]): void {
  const kept = Object.entries(infoOf(node)).filter(([key]) => !keys.includes(key))
  node.driverInternalInfo = Object.fromEntries(kept)
}

/** Removes a key and gives what it held. */
export function popInfo(node: Node, key: string): unknown {
  const value = infoOf(node)[key]
  dropInfo(node, [key])
  return value
}

const flags = [
  'cleaning_reboot',
  'deployment_reboot',
  'servicing_reboot',
  'skip_current_clean_step',
  'skip_current_deploy_step',
  'skip_current_service_step',
  'cleaning_polling',
  'deployment_polling',
  'servicing_polling',
]
const agentKeys = [
  'agent_secret_token',
  'agent_secret_token_pregenerated',
  'agent_url',
  'agent_verify_ca',
]

export function removeStepFlags(node: Node): void {
  dropInfo(node, flags)
}

/** The agent's address and token go; it gives new ones when it comes again. */
export function wipeTokenAndUrl(node: Node): void {
  dropInfo(node, agentKeys)
}

export function wipeDeployInfo(task: Task): void {
  const { node } = task
  if (!fastTrackAble(task)) wipeTokenAndUrl(node)
  setInfo(node, { deploy_steps: null })
  dropInfo(node, [
    'user_deploy_steps',
    'agent_cached_deploy_steps',
    'deploy_step_index',
    'steps_validated',
    'image_source',
    'agent_start_attempted',
    ...flags,
  ])
}

export function wipeCleanInfo(task: Task): void {
  const { node } = task
  if (!fastTrackAble(task)) wipeTokenAndUrl(node)
  setInfo(node, { clean_steps: null })
  dropInfo(node, [
    'agent_cached_clean_steps',
    'clean_step_index',
    'cleaning_disable_ramdisk',
    'steps_validated',
    'declarative_cleaning',
    'agent_start_attempted',
    ...flags,
  ])
}

export function wipeServiceInfo(task: Task): void {
  const { node } = task
  wipeTokenAndUrl(node)
  setInfo(node, { service_steps: null })
  dropInfo(node, [
    'agent_cached_service_steps',
    'service_step_index',
    'service_disable_ramdisk',
    'steps_validated',
    'image_source',
    'agent_start_attempted',
    ...flags,
  ])
}

/** What does not outlive a power cycle (conductor.md 3.2, step 4). */
export function wipeForPowerOff(node: Node): void {
  const pregenerated = infoOf(node)['agent_secret_token_pregenerated'] === true
  dropInfo(node, [
    'agent_url',
    ...(pregenerated ? [] : ['agent_secret_token']),
    'agent_cached_deploy_steps',
    'agent_cached_clean_steps',
    'agent_verify_ca',
    'agent_start_attempted',
  ])
}

const servicing = new Set(['servicing', 'service wait', 'service failed', 'service hold'])

/** Whether the ramdisk that runs could be used on: asked for on the node, and nothing failed. */
export function fastTrackAble(task: Task): boolean {
  const { node } = task
  const info = infoOf(node)
  return (
    fastTrackEnabled(task) &&
    node.lastError === null &&
    !servicing.has(node.provisionState) &&
    !info['redfish_fw_updates'] &&
    !info['firmware_updates']
  )
}
