import { fastTrackAble } from '../../drivers/agent/alive.js'
import { dropInfo, infoOf, setInfo, type InfoHolder as Node } from '../../drivers/internal-info.js'
import type { Task } from '../../drivers/interfaces.js'

export { dropInfo, infoOf, popInfo, setInfo } from '../../drivers/internal-info.js'

/** What the conductor keeps in `driver_internal_info`, and what is wiped when (docs/reference/conductor.md 11.7). */

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

/** What does not outlive a power cycle (docs/reference/conductor.md 3.2, step 4). */
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
