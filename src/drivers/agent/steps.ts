/** Steps that the agent knows and runs (`drivers/modules/agent_base.py`). */
import type { JsonObject } from '../../db/columns.js'
import { AgentAPIError, AgentInProgress } from '../../errors.js'
import { isoWithoutZone } from '../../clock.js'
import { commandError, type CommandResult } from '../../protocols/ipa/result.js'
import { pythonRepr } from '../../python/repr.js'
import { InstanceDeployFailure, NodeCleaningFailure, NodeServicingFailure } from '../errors.js'
import { dropInfo, infoOf, setInfo } from '../internal-info.js'
import type { InterfaceKind, Step, StepKind, StepResult, Task } from '../interfaces.js'
import { agentCommand } from './call.js'
import { nodeDocument, portDocuments } from './document.js'

export type AgentFlow = Exclude<StepKind, 'verify'>

export const stepName = (step: Pick<Step, 'interface' | 'step'>): string =>
  `${step.interface}.${step.step}`

/** The flow a node is in; a child node, which is in none, is cleaned. */
export function flowOf(task: Task): AgentFlow {
  const { provisionState } = task.node
  if (/^(deploying|wait call-back|deploy hold)$/.test(provisionState)) return 'deploy'
  return provisionState.startsWith('servic') ? 'service' : 'clean'
}

const waits = { clean: 'clean wait', deploy: 'wait call-back', service: 'service wait' } as const
const failures = {
  clean: NodeCleaningFailure,
  deploy: InstanceDeployFailure,
  service: NodeServicingFailure,
} as const
const failure = (kind: AgentFlow, text: string): Error => new failures[kind](text)

type Cached = Readonly<Record<string, readonly Step[]>>

/**
 * The steps the agent told of, of one interface or of all.
 * @param priorities the operator's, where they are set
 */
export function agentSteps(
  task: Task,
  kind: StepKind,
  from: InterfaceKind | null,
  priorities: Readonly<Record<string, number | null>> = {},
): Step[] {
  const cached = (infoOf(task.node)[`agent_cached_${kind}_steps`] ?? {}) as Cached
  const lists = from === null ? Object.values(cached).flat() : (cached[from] ?? [])
  return lists.map((step) => {
    const priority = priorities[step.step] ?? null
    return priority === null ? step : { ...step, priority }
  })
}

/** What the agent must know to erase disks (`deploy_utils.agent_add_clean_params`). */
export function setErasure(task: Task): void {
  const { deploy } = task.ctx.config
  setInfo(task.node, {
    agent_erase_devices_iterations: deploy.shred_random_overwrite_iterations,
    agent_erase_devices_zeroize: deploy.shred_final_overwrite_with_zeros,
    agent_continue_if_secure_erase_failed: deploy.continue_if_disk_secure_erase_fails,
    agent_continue_if_ata_erase_failed: deploy.continue_if_disk_secure_erase_fails,
    agent_enable_nvme_secure_erase: deploy.enable_nvme_secure_erase,
    agent_enable_ata_secure_erase: deploy.enable_ata_secure_erase,
    disk_erasure_concurrency: deploy.disk_erasure_concurrency,
    agent_erase_skip_read_only: deploy.erase_skip_read_only,
  })
}

/**
 * Asks the agent for its steps and keeps them with the node. While it is busy they stay as they
 * are: the next heartbeat asks again.
 * @throws NodeCleaningFailure and the like for an answer that cannot be used
 */
export async function refreshAgentSteps(task: Task, kind: AgentFlow): Promise<void> {
  const { node } = task
  const answer = await askForSteps(task, kind)
  if (answer === null) return
  const result = resultOf(task, kind, answer)
  const steps: Record<string, Step[]> = {}
  for (const step of Object.values(result[`${kind}_steps`] as JsonObject).flat()) {
    const checked = checkedStep(task, kind, step as JsonObject)
    ;(steps[checked.interface] ??= []).push(checked)
  }
  setInfo(node, {
    hardware_manager_version: result['hardware_manager_version'],
    [`agent_cached_${kind}_steps`]: steps,
    [`agent_cached_${kind}_steps_refreshed`]: isoWithoutZone(task.ctx.clock.now()),
  })
  await task.save()
}

async function askForSteps(task: Task, kind: AgentFlow): Promise<CommandResult | null> {
  const params = { node: nodeDocument(task), ports: await portDocuments(task) }
  try {
    return await agentCommand(task, `${kind}.get_${kind}_steps`, params, { wait: true })
  } catch (error) {
    if (error instanceof AgentInProgress) return null
    if (kind !== 'service' || !(error instanceof AgentAPIError)) throw error
    // Agents older than servicing have no such steps.
    return { command_result: { service_steps: {}, hardware_manager_version: {} } }
  }
}

function resultOf(task: Task, kind: AgentFlow, answer: CommandResult): JsonObject {
  const result: JsonObject = answer.command_result ?? {}
  if (answer.command_status === 'FAILED') {
    throw failure(
      kind,
      `agent get_${kind}_steps for node ${task.node.uuid} failed: ${commandError(answer)}`,
    )
  }
  const missing = [`${kind}_steps`, 'hardware_manager_version'].filter((key) => !(key in result))
  if (missing.length === 0) return result
  throw failure(
    kind,
    `agent get_${kind}_steps for node ${task.node.uuid} returned an invalid result. Keys: ${pythonSet(missing)} are missing from result: ${pythonRepr(result)}.`,
  )
}

const pythonSet = (items: readonly string[]): string => `{${items.map(pythonRepr).join(', ')}}`

function checkedStep(task: Task, kind: AgentFlow, step: JsonObject): Step {
  const missing = ['interface', 'step', 'priority'].filter((key) => !(key in step))
  if (missing.length > 0) {
    throw failure(
      kind,
      `agent get_${kind}_steps for node ${task.node.uuid} returned an invalid ${kind} step. Keys: ${pythonSet(missing)} are missing from step: ${pythonRepr(step)}.`,
    )
  }
  return (kind === 'clean' ? { ...step, requires_ramdisk: true } : step) as unknown as Step
}

/** Which step the agent was given last: an agent that has forgotten it has restarted. */
const given = 'ferric_agent_step'

/**
 * Gives the agent a step to run; its heartbeats tell how that goes.
 * @returns the wait state of the flow
 * @throws AgentInProgress, AgentConnectionFailed, NodeCleaningFailure and the like
 */
export async function executeAgentStep(
  task: Task,
  step: Step,
  kind: AgentFlow = flowOf(task),
): Promise<StepResult> {
  const { node } = task
  dropInfo(node, [given])
  const params = {
    step,
    node: nodeDocument(task, kind === 'deploy'),
    ports: await portDocuments(task),
    [`${kind}_version`]: infoOf(node)['hardware_manager_version'] ?? null,
  }
  const result = await agentCommand(task, `${kind}.execute_${kind}_step`, params)
  if (!result.command_status) {
    throw failure(
      kind,
      `Agent on node ${node.uuid} returned bad command result: ${pythonRepr(result)}`,
    )
  }
  setInfo(node, { [given]: stepName(step) })
  return waits[kind]
}

/** Whether the agent was given this step and has not ended it. */
export const wasGiven = (task: Task, step: Step): boolean =>
  infoOf(task.node)[given] === stepName(step)

export const forgetGiven = (task: Task): void => dropInfo(task.node, [given])
