/**
 * What the agent's list of commands says about the step a flow waits for
 * (`agent_base.py`, process_next_step).
 */
import { errorText } from '../../error-text.js'
import { commandError, type CommandResult } from '../../protocols/ipa/result.js'
import { pythonRepr } from '../../python/repr.js'
import { errorName, StepFailed } from '../errors.js'
import { dropInfo, infoOf, setInfo } from '../internal-info.js'
import type { HeartbeatOutcome, Step, Task } from '../interfaces.js'
import { agentCommands } from './call.js'
import { rebootToFinishStep } from './boot.js'
import {
  flowOf,
  forgetGiven,
  refreshAgentSteps,
  stepName,
  wasGiven,
  type AgentFlow,
} from './steps.js'

const gerunds = { clean: 'cleaning', deploy: 'deployment', service: 'servicing' } as const
const columns = { clean: 'cleanStep', deploy: 'deployStep', service: 'serviceStep' } as const
const titles = { clean: 'Clean', deploy: 'Deploy', service: 'Service' } as const

function currentStep(task: Task, kind: AgentFlow): Step {
  return (task.node[columns[kind]] ?? {}) as unknown as Step
}

/**
 * Asks the agent how far it is.
 * @throws StepFailed with the text for `last_error`, and what the call throws
 */
export async function agentProgress(task: Task): Promise<HeartbeatOutcome> {
  const kind = flowOf(task)
  const commands = await agentCommands(task)
  if (isFresh(commands, kind)) return afterBoot(task, kind)
  const step = currentStep(task, kind)
  const command = completed(commands, kind, step)
  return command === null ? 'wait' : await ended(task, kind, step, command)
}

/** Nothing was asked of it yet but which steps there are. */
const isFresh = (commands: readonly CommandResult[], kind: AgentFlow): boolean =>
  commands.every((c) => c.command_name === `get_${kind}_steps`)

/**
 * The agent has just started. Where nobody meant it to, the step it ran is lost (upstream would
 * take it for done).
 */
function afterBoot(task: Task, kind: AgentFlow): 'next' {
  const rebooted = `${gerunds[kind]}_reboot`
  const step = currentStep(task, kind)
  if (infoOf(task.node)[rebooted] !== true && wasGiven(task, step)) {
    forgetGiven(task)
    throw new StepFailed(
      `${titles[kind]} step ${stepName(step)} failed on node ${task.node.uuid}. The agent restarted while the step was running.`,
    )
  }
  dropInfo(task.node, [rebooted])
  return 'next'
}

/** The command of the step, when it has ended. Only the last one counts. */
function completed(
  commands: readonly CommandResult[],
  kind: AgentFlow,
  step: Step,
): CommandResult | null {
  const last = commands.at(-1)
  if (last?.command_name !== `execute_${kind}_step` || last.command_status === 'RUNNING')
    return null
  const done = last.command_result?.[`${kind}_step`] as Step | undefined
  const same = done !== undefined && done !== null && stepName(done) === stepName(step)
  // Another step's success: this one has not been begun yet.
  return last.command_status === 'SUCCEEDED' && !same ? null : last
}

async function ended(
  task: Task,
  kind: AgentFlow,
  step: Step,
  command: CommandResult,
): Promise<HeartbeatOutcome> {
  const { uuid } = task.node
  switch (command.command_status) {
    case 'SUCCEEDED':
      return await succeeded(task, kind, step, command)
    case 'CLEAN_VERSION_MISMATCH':
    case 'VERSION_MISMATCH':
      return await versionChanged(task, kind)
    case 'FAILED':
      throw new StepFailed(
        `${titles[kind]} step ${stepName(step)} failed on node ${uuid}. ${commandError(command)}`,
      )
    default:
      throw new StepFailed(
        `Agent returned unknown status for ${kind} step ${pythonRepr(step)} on node ${uuid} : ${String(command.command_status)}.`,
      )
  }
}

async function succeeded(
  task: Task,
  kind: AgentFlow,
  step: Step,
  command: CommandResult,
): Promise<'next' | 'wait'> {
  await runHook(task, kind, step, command)
  forgetGiven(task)
  if (step['reboot_requested'] !== true) return 'next'
  try {
    await rebootToFinishStep(task)
  } catch (error) {
    task.signal.throwIfAborted()
    throw new StepFailed(
      `Reboot requested by ${kind} step ${pythonRepr(step)} failed for node ${task.node.uuid}: ${errorText(error)}`,
      { cause: error },
    )
  }
  setInfo(task.node, { [`${gerunds[kind]}_reboot`]: true })
  return 'wait'
}

async function runHook(
  task: Task,
  kind: AgentFlow,
  step: Step,
  command: CommandResult,
): Promise<void> {
  const { raid } = task.driver
  if (step.interface !== 'raid' || raid.afterAgentStep === undefined) return
  try {
    await raid.afterAgentStep(task, step, command.command_result?.[`${kind}_result`])
  } catch (error) {
    task.signal.throwIfAborted()
    throw new StepFailed(
      `For node ${task.node.uuid}, post ${kind} step hook failed for ${kind} step ${pythonRepr(step)}.${errorName(error)}: ${errorText(error)}`,
      { cause: error },
    )
  }
}

/**
 * The agent has other hardware managers than when it told its steps. Automated cleaning begins
 * again, so that nothing is left out; what an operator asked for goes on at its step.
 */
async function versionChanged(task: Task, kind: AgentFlow): Promise<'next' | 'restart'> {
  const { node } = task
  forgetGiven(task)
  try {
    await refreshAgentSteps(task, kind)
  } catch (error) {
    task.signal.throwIfAborted()
    throw new StepFailed(
      `Could not continue ${gerunds[kind]} on node ${node.uuid}: ${errorText(error)}.`,
      { cause: error },
    )
  }
  if (kind === 'clean' && node.targetProvisionState !== 'manageable') return 'restart'
  setInfo(node, { [`skip_current_${kind}_step`]: false })
  return 'next'
}
