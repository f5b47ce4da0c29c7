import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { pythonRepr } from '../../python/repr.js'
import { RunningDeployFailure } from '../../drivers/errors.js'
import { AgentConnectionFailed, IronicError } from '../../errors.js'
import { startConsole } from '../node/console.js'
import { infoOf, setInfo, wipeDeployInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { isActionable } from '../state/machine.js'
import { KeystoneUnavailable } from '../../openstack/keystone/client.js'
import { SwiftError } from '../../openstack/swift/client.js'
import { conductorId } from '../cluster/registration.js'
import { stepId } from '../steps/collect.js'
import { deploymentSteps, validateDeploySteps } from '../steps/templates.js'
import { errorClass } from '../node/text.js'
import { storeConfigDrive } from './config-drive.js'
import { cursorOf, runSteps, stepsOf, waitForMachine } from './engine.js'
import { recordEnd, recordStart } from './records.js'
import type { FailOptions, StepFlow } from './types.js'

/** Deployment and rebuild in the background (docs/reference/conductor.md 5). */

export const deployFlow: StepFlow = {
  kind: 'deploy',
  gerund: 'deployment',
  column: 'deployStep',
  running: 'deploying',
  waiting: 'wait call-back',
  failed: 'deploy failed',
  waitsWithoutAgent: true,
  name: () => 'deployment',
  target: () => undefined,
  stepFailed(_task, step, error) {
    if (error instanceof IronicError) {
      return `Deploy step ${stepId(step)} failed: ${errorText(error)}.`
    }
    return `Deploy step ${stepId(step)} failed with ${errorClass(error)}: ${errorText(error)}.`
  },
  invalidResult: (task) => `Failed to deploy: ${pythonRepr(task.node.deployStep)}`,
  fail: failDeploy,
  complete,
  aborted: async (task) => {
    task.transition('fail')
    await abortDeploy(task)
  },
  beforeContinue: validateWithAgent,
  afterStep: (task) =>
    infoOf(task.node)['agent_cached_deploy_steps']
      ? validateWithAgent(task)
      : Promise.resolve(true),
  failStep,
}

/** Begins a deployment, or goes on with one at its step. */
export async function runDeploy(task: NodeTask, args: JsonObject): Promise<void> {
  const cursor = cursorOf(task, deployFlow)
  if (cursor !== null) return await runSteps(task, deployFlow, cursor)
  wipeDeployInfo(task)
  if (!(await keepConfigDrive(task, args['configdrive']))) return
  const prepared = await prepare(task)
  if (prepared !== 'ready') return
  if (!(await chooseSteps(task, args['deploySteps']))) return
  const steps = stepsOf(task, deployFlow)
  task.node.conductorAffinity = await conductorId(task.ctx)
  recordStart(task, 'deployment', steps)
  await runSteps(task, deployFlow, 0)
}

/** @returns false when the drive cannot be kept, and the deployment has failed */
async function keepConfigDrive(task: NodeTask, drive: unknown): Promise<boolean> {
  try {
    await storeConfigDrive(task, drive)
    return true
  } catch (error) {
    if (task.signal.aborted) throw error
    const what =
      error instanceof SwiftError || error instanceof KeystoneUnavailable
        ? 'Failed to upload the configdrive to Swift:'
        : 'Failed to prepare the configdrive. Exception:'
    await failDeploy(task, `${what} ${errorText(error)}`, { tearDown: false })
    return false
  }
}

async function prepare(task: NodeTask): Promise<'ready' | 'stop'> {
  try {
    await task.driver.deploy.prepare(task)
    return 'ready'
  } catch (error) {
    if (task.signal.aborted) throw error
    if (error instanceof AgentConnectionFailed) waitForMachine(task, deployFlow)
    else {
      const how = error instanceof IronicError ? '' : ' Exception'
      const message = `Failed to prepare to deploy${how === '' ? '' : `.${how}`}: ${errorText(error)}`
      await failDeploy(task, message, { tearDown: false })
    }
    return 'stop'
  }
}

async function chooseSteps(task: NodeTask, given: unknown): Promise<boolean> {
  try {
    if (Array.isArray(given) && given.length > 0) {
      setInfo(task.node, { user_deploy_steps: given as Step[] })
    }
    await setSteps(task, true)
    task.node.deployStep = {}
    setInfo(task.node, { deploy_step_index: null })
  } catch (error) {
    await failDeploy(task, `Cannot get deploy steps; failed to deploy: ${errorText(error)}`)
    return false
  }
  if (stepsOf(task, deployFlow).length > 0) return true
  await failDeploy(task, 'No deploy steps returned by the driver')
  return false
}

async function setSteps(task: NodeTask, skipMissing: boolean): Promise<void> {
  setInfo(task.node, { deploy_steps: await deploymentSteps(task, skipMissing) })
}

/** The ramdisk runs, so its steps are known: everything is checked once more. */
async function validateWithAgent(task: NodeTask): Promise<boolean> {
  if (infoOf(task.node)['steps_validated'] === true) return true
  try {
    await validateDeploySteps(task, null, false)
    await setSteps(task, false)
    setInfo(task.node, { steps_validated: true })
    return true
  } catch (error) {
    if (task.signal.aborted) throw error
    await failDeploy(
      task,
      `Failed to validate the final deploy steps list for node ${task.node.uuid}: ${errorText(error)}`,
    )
    return false
  }
}

async function complete(task: NodeTask): Promise<void> {
  recordEnd(task, 'deployment', stepsOf(task, deployFlow))
  task.node.deployStep = null
  wipeDeployInfo(task)
  await restoreConsole(task)
  task.transition('done')
}

async function restoreConsole(task: NodeTask): Promise<void> {
  if (!task.node.consoleEnabled) return
  const error = await startConsole(task)
  if (error === null) return
  task.node.lastError = `Failed to start console while deploying the node ${task.node.uuid}: ${error}.`
  task.node.consoleEnabled = false
}

const deployStates = new Set(['deploying', 'wait call-back', 'deploy failed'])

/** The deploy error handler (docs/reference/conductor.md 5.1). */
export async function failDeploy(
  task: NodeTask,
  message: string,
  options: FailOptions = {},
): Promise<void> {
  const { node } = task
  task.recordError(message, 'deploying')
  if (options.tearDown !== false) await cleanUp(task, message)
  if (deployStates.has(node.provisionState)) {
    node.deployStep = {}
    wipeDeployInfo(task)
  }
  if (options.setFailState !== false && isActionable(node.provisionState, 'fail')) {
    task.transition('fail')
  }
}

async function cleanUp(task: NodeTask, message: string): Promise<void> {
  try {
    await task.driver.deploy.cleanUp(task)
  } catch (error) {
    const more =
      error instanceof IronicError
        ? `Also failed to clean up due to: ${error.message}`
        : 'An unhandled exception was encountered while aborting. More information may be found in the log file.'
    task.ctx.log.conductor.error(
      { error, node: task.node.uuid },
      'clean-up after a failed deployment failed',
    )
    task.recordError(`${message}. ${more}`, 'deploying')
  }
}

/** A step that failed with the ramdisk running: its text is whole, and the ramdisk has logs. */
async function failStep(task: NodeTask, step: Step, error: unknown): Promise<boolean> {
  if (!(error instanceof RunningDeployFailure)) return false
  const id = stepId(step)
  const text = error.message.includes(id)
    ? error.message
    : `Deploy step ${id} failed: ${error.message}`
  await failRunningDeploy(task, text, { ramdiskRuns: error.ramdiskRuns, tearDown: false })
  return true
}

/**
 * The deployment failed after its ramdisk came (upstream `deploy_utils.set_failed_state`): the logs
 * of the ramdisk are kept, and the machine is switched off (`[deploy] power_off_after_deploy_failure`).
 */
export async function failRunningDeploy(
  task: NodeTask,
  message: string,
  options: { ramdiskRuns?: boolean; tearDown?: boolean } = {},
): Promise<void> {
  const { deploy } = task.driver
  if (options.ramdiskRuns !== false) await deploy.collectLogs?.(task, null)
  await failDeploy(
    task,
    message,
    options.tearDown === undefined ? {} : { tearDown: options.tearDown },
  )
  const { lastError } = task.node
  if (!task.ctx.config.deploy.power_off_after_deploy_failure) return
  try {
    await task.powerAction('power off')
  } catch (error) {
    task.signal.throwIfAborted()
    const { uuid: node } = task.node
    task.ctx.log.conductor.error(
      { error, node },
      'the machine stays on after its deployment failed',
    )
  }
  task.node.lastError = lastError
}

/** What is left to do when a deployment was aborted; the node is in deploy failed. */
export async function abortDeploy(task: NodeTask): Promise<void> {
  const { node } = task
  try {
    await task.driver.deploy.cleanUp(task)
  } catch (error) {
    task.ctx.log.conductor.error({ error, node: node.uuid }, 'clean-up after an abort failed')
    const message = 'Failed to clean up deploying after aborting the operation'
    return await failDeploy(task, message, { tearDown: false })
  }
  node.lastError = abortedText('deploy', node.deployStep)
  node.deployStep = {}
  wipeDeployInfo(task)
}

/** `last_error` of an operation that ended by request. */
export function abortedText(operation: string, step: JsonObject | null): string {
  const text = `By request, the ${operation} operation was aborted`
  if (step === null || Object.keys(step).length === 0) return text
  return `${text} during or after the completion of step "${stepId(step as Step)}"`
}
