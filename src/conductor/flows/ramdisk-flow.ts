import { errorText } from '../../error-text.js'
import { restoreDeployInterface } from '../../drivers/deploy/switch.js'
import type { StepResult } from '../../drivers/interfaces.js'
import { AgentConnectionFailed } from '../../errors.js'
import { pythonRepr } from '../../python/repr.js'
import { dropInfo, removeStepFlags, wipeTokenAndUrl } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { abortedText } from './deploy.js'
import { waitForMachine } from './engine.js'
import type { FailOptions, StepFlow } from './types.js'

/** What cleaning and servicing have in common: steps around a ramdisk (docs/reference/conductor.md 7, 8). */

export interface RamdiskFlow {
  readonly flow: StepFlow
  /** What the ramdisk is for, in texts. */
  readonly purpose: 'cleaning' | 'service'
  /** Set with maintenance when a step failed. */
  readonly fault: string
  /** An agent that cannot be reached while the ramdisk is prepared is waited for. */
  readonly waitsForAgent: boolean
  prepare(task: NodeTask): Promise<StepResult>
  tearDown(task: NodeTask): Promise<void>
  /** Added to an error when the tear-down after it failed as well. */
  tearDownFailed(task: NodeTask, error: unknown): string
  /** Forgets what stands in driver_internal_info. */
  wipe(task: NodeTask): void
  powersOffOnFailure(task: NodeTask): boolean
}

type Shared = 'waitsWithoutAgent' | 'stepFailed' | 'invalidResult' | 'beforeContinue'

/** The members of the step flow that do not differ. */
export const ramdiskSteps: Pick<StepFlow, Shared> = {
  waitsWithoutAgent: false,
  stepFailed: (task, step, error) =>
    `Node ${task.node.uuid} failed step ${pythonRepr(step)}: ${errorText(error)}`,
  invalidResult: (task, step, result) =>
    `While executing step ${pythonRepr(step)} on node ${task.node.uuid}, step returned invalid value: ${String(result)}`,
  beforeContinue: () => Promise.resolve(true),
}

/**
 * Lets `autodetect` choose the interface that boots the ramdisk. Nothing is prepared yet, so a
 * failure leaves nothing to tear down.
 * @returns what is wrong, or null
 */
export async function deployInterfaceFault(
  task: NodeTask,
  { flow }: RamdiskFlow,
): Promise<string | null> {
  try {
    await task.driver.deploy.switchInterface?.(task)
    return null
  } catch (error) {
    if (task.signal.aborted) throw error
    return `Failed to select a deploy interface for ${flow.gerund} node ${task.node.uuid}: ${errorText(error)}`
  }
}

/** Checks power and, for a ramdisk, the network. @returns what is wrong, or null */
export async function validationFault(
  task: NodeTask,
  { purpose }: RamdiskFlow,
  disableRamdisk: boolean,
): Promise<string | null> {
  try {
    await task.driver.power.validate(task)
    if (!disableRamdisk) await task.driver.network.validate(task)
    return null
  } catch (error) {
    return `Validation of node ${task.node.uuid} for ${purpose} failed: ${errorText(error)}`
  }
}

/** Boots the ramdisk. False: it will call, or all is lost. */
export async function bootRamdisk(task: NodeTask, ramdisk: RamdiskFlow): Promise<boolean> {
  const { flow, purpose } = ramdisk
  try {
    if ((await ramdisk.prepare(task)) === undefined) return true
    waitForMachine(task, flow)
  } catch (error) {
    if (task.signal.aborted) throw error
    if (ramdisk.waitsForAgent && error instanceof AgentConnectionFailed) waitForMachine(task, flow)
    else {
      const what = `Failed to prepare node ${task.node.uuid} for ${purpose}: ${errorText(error)}`
      await flow.fail(task, what)
    }
  }
  return false
}

/** Takes the ramdisk away after the last step. False: that failed and was dealt with. */
export async function endRamdisk(task: NodeTask, ramdisk: RamdiskFlow): Promise<boolean> {
  try {
    await ramdisk.tearDown(task)
    return true
  } catch (error) {
    const message = `Failed to tear down from ${ramdisk.purpose} for node ${task.node.uuid}, reason: ${errorText(error)}`
    await ramdisk.flow.fail(task, message, { tearDown: false })
    return false
  }
}

/** The error handler (docs/reference/conductor.md 7.4). A step that failed leaves the node in maintenance. */
export async function failRamdisk(
  task: NodeTask,
  ramdisk: RamdiskFlow,
  message: string,
  options: FailOptions = {},
): Promise<void> {
  const { node } = task
  const { flow } = ramdisk
  const step = node[flow.column]
  const inStep = step !== null && Object.keys(step).length > 0
  if (inStep) Object.assign(node, { fault: ramdisk.fault, maintenance: true })
  const text = options.tearDown === false ? message : await tearDown(task, ramdisk, message)
  forgetStep(task, flow)
  task.recordError(text, flow.gerund)
  if (inStep) node.maintenanceReason ||= text
  const target = flow.target(task)
  if (ramdisk.powersOffOnFailure(task)) await task.powerAction('power off')
  await restoreDeployInterface(task)
  if (options.setFailState !== false && node.provisionState !== flow.failed) {
    task.transition('fail', target === undefined ? {} : { target })
  }
}

async function tearDown(task: NodeTask, ramdisk: RamdiskFlow, message: string): Promise<string> {
  try {
    await ramdisk.tearDown(task)
    return message
  } catch (error) {
    const { gerund } = ramdisk.flow
    task.ctx.log.conductor.error({ error, node: task.node.uuid }, `tear-down of ${gerund} failed`)
    return `${message}. ${ramdisk.tearDownFailed(task, error)}`
  }
}

function forgetStep({ node }: NodeTask, flow: StepFlow): void {
  const own: readonly string[] = [flow.running, flow.waiting, flow.failed]
  if (!own.includes(node.provisionState)) return
  node[flow.column] = {}
  dropInfo(node, [`${flow.kind}_step_index`])
  removeStepFlags(node)
  wipeTokenAndUrl(node)
}

/** What is left to do when the flow was aborted; the node has left its wait state. */
export async function abortRamdisk(
  task: NodeTask,
  ramdisk: RamdiskFlow,
  takeDown: (task: NodeTask) => Promise<void> = (t) => ramdisk.tearDown(t),
): Promise<void> {
  const { node } = task
  const { flow, purpose } = ramdisk
  try {
    await takeDown(task)
  } catch (error) {
    task.ctx.log.conductor.error({ error, node: node.uuid }, 'tear-down after an abort failed')
    const message = `Failed to tear down ${purpose} after aborting the operation`
    return await flow.fail(task, message, { tearDown: false, setFailState: false })
  }
  node.lastError = abortedText(flow.kind, node[flow.column])
  node[flow.column] = null
  ramdisk.wipe(task)
  await restoreDeployInterface(task)
}
