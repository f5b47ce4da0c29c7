import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { pythonRepr } from '../../python-repr.js'
import { InvalidParameterValue } from '../../errors.js'
import { updateCaches } from '../caches.js'
import {
  dropInfo,
  infoOf,
  removeStepFlags,
  setInfo,
  wipeServiceInfo,
  wipeTokenAndUrl,
} from '../internal-info.js'
import type { NodeTask } from '../node-task.js'
import { nodePowerAction } from '../power.js'
import { faults } from '../states.js'
import { isConductorStep, validateSteps, withoutDisallowed } from '../steps/validate.js'
import { errorText } from '../text.js'
import { abortedText } from './deploy.js'
import { cursorOf, runSteps, stepsOf, waitForMachine } from './engine.js'
import { recordEnd, recordStart } from './records.js'
import type { FailOptions, StepFlow } from './types.js'

/** Servicing of a node in use (conductor.md 8). */

export interface ServiceArgs extends JsonObject {
  readonly steps: Step[]
  readonly disableRamdisk: boolean
}

const withoutRamdisk = (task: NodeTask): boolean =>
  infoOf(task.node)['service_disable_ramdisk'] === true

export const serviceFlow: StepFlow = {
  kind: 'service',
  gerund: 'servicing',
  column: 'serviceStep',
  running: 'servicing',
  waiting: 'service wait',
  failed: 'service failed',
  waitsWithoutAgent: false,
  name: () => 'servicing',
  target: () => undefined,
  stepFailed: (task, step, error) =>
    `Node ${task.node.uuid} failed step ${pythonRepr(step)}: ${errorText(error)}`,
  invalidResult: (task, step, result) =>
    `While executing step ${pythonRepr(step)} on node ${task.node.uuid}, step returned invalid value: ${String(result)}`,
  fail: failService,
  complete,
  aborted: async (task) => {
    task.transition('fail')
    await abortService(task)
  },
  beforeContinue: () => Promise.resolve(true),
}

/** Begins servicing, or goes on with it at its step. */
export async function runService(task: NodeTask, args: ServiceArgs): Promise<void> {
  const cursor = cursorOf(task, serviceFlow)
  if (cursor !== null) return await runSteps(task, serviceFlow, cursor)
  const invalid = await validationFault(task, args.disableRamdisk)
  if (invalid !== null) return await failService(task, invalid)
  wipeServiceInfo(task)
  setInfo(task.node, {
    service_steps: args.steps,
    service_disable_ramdisk: args.disableRamdisk,
  })
  await updateCaches(task)
  let known: boolean
  try {
    known = await knownEarly(task, args.disableRamdisk)
  } catch (error) {
    if (task.signal.aborted) throw error
    return await failService(task, `Cannot service node ${task.node.uuid}: ${errorText(error)}`)
  }
  const steps = stepsOf(task, serviceFlow)
  recordStart(task, 'servicing', steps)
  if (!(await prepared(task, args.disableRamdisk, !known || steps.some(needsRamdisk)))) return
  await runSteps(task, serviceFlow, steps.length > 0 ? 0 : null)
}

const needsRamdisk = (step: Step): boolean =>
  !isConductorStep(step) && step.requires_ramdisk === true

async function validationFault(task: NodeTask, disableRamdisk: boolean): Promise<string | null> {
  try {
    await task.driver.power.validate(task)
    if (!disableRamdisk) await task.driver.network.validate(task)
    return null
  } catch (error) {
    return `Validation of node ${task.node.uuid} for service failed: ${errorText(error)}`
  }
}

/**
 * Checks the steps that were asked for, without the ramdisk that may know more. Where the deploy
 * interface boots none they run unchecked, as upstream does.
 * @returns false when some are not known
 * @throws InvalidParameterValue when no ramdisk will run
 */
async function knownEarly(task: NodeTask, disableRamdisk: boolean): Promise<boolean> {
  try {
    await setServiceSteps(task, disableRamdisk)
    return true
  } catch (error) {
    if (error instanceof InvalidParameterValue && !disableRamdisk) return false
    throw error
  }
}

/** Checks the steps that were asked for. @throws StepsInvalid */
export async function setServiceSteps(task: NodeTask, disableRamdisk: boolean): Promise<void> {
  const steps = await validateSteps(task, 'service', stepsOf(task, serviceFlow), { disableRamdisk })
  task.node.serviceStep = {}
  setInfo(task.node, {
    service_steps: withoutDisallowed(task, 'service', steps),
    service_step_index: null,
  })
}

/** Boots the ramdisk where one is needed. False: it will call, or all is lost. */
async function prepared(
  task: NodeTask,
  disableRamdisk: boolean,
  needed: boolean,
): Promise<boolean> {
  if (disableRamdisk || !needed) {
    setInfo(task.node, { service_disable_ramdisk: true })
    return true
  }
  try {
    if ((await task.driver.deploy.prepareService(task)) === undefined) return true
    waitForMachine(task, serviceFlow)
  } catch (error) {
    if (task.signal.aborted) throw error
    const what = `Failed to prepare node ${task.node.uuid} for service: ${errorText(error)}`
    await failService(task, what)
  }
  return false
}

async function complete(task: NodeTask): Promise<void> {
  const disableRamdisk = withoutRamdisk(task)
  task.node.serviceStep = null
  wipeServiceInfo(task)
  recordEnd(task, 'servicing', stepsOf(task, serviceFlow))
  if (!disableRamdisk) {
    try {
      await task.driver.deploy.tearDownService(task)
    } catch (error) {
      const message = `Failed to tear down from service for node ${task.node.uuid}, reason: ${errorText(error)}`
      return await failService(task, message, { tearDown: false })
    }
  }
  await updateCaches(task)
  task.transition('done')
}

const serviceStates = new Set(['servicing', 'service wait', 'service failed'])

/** The servicing error handler (conductor.md 8). */
export async function failService(
  task: NodeTask,
  message: string,
  options: FailOptions = {},
): Promise<void> {
  const { node } = task
  const inStep = node.serviceStep !== null && Object.keys(node.serviceStep).length > 0
  let text = message
  if (inStep) Object.assign(node, { fault: faults.service, maintenance: true })
  if (options.tearDown !== false) text = await tearDown(task, message)
  if (serviceStates.has(node.provisionState)) {
    node.serviceStep = {}
    dropInfo(node, ['service_step_index'])
    removeStepFlags(node)
    wipeTokenAndUrl(node)
  }
  task.recordError(text, 'servicing')
  if (inStep) node.maintenanceReason ||= text
  if (task.ctx.config.conductor.poweroff_in_servicefail) await nodePowerAction(task, 'power off')
  if (options.setFailState !== false && node.provisionState !== 'service failed') {
    task.transition('fail')
  }
}

async function tearDown(task: NodeTask, message: string): Promise<string> {
  try {
    await task.driver.deploy.tearDownService(task)
    return message
  } catch (error) {
    task.ctx.log.error({ error, node: task.node.uuid }, 'tear-down of servicing failed')
    return `${message}. Also failed to tear down servicing.`
  }
}

/** What is left to do when servicing was aborted. */
export async function abortService(task: NodeTask): Promise<void> {
  const { driver, node } = task
  try {
    const agentMayRun = infoOf(node)['agent_start_attempted'] === true
    if (agentMayRun) await driver.power.setPowerState(task, 'power off')
    await driver.deploy.tearDownService(task)
    if (agentMayRun) {
      await driver.boot.prepareInstance(task)
      await driver.power.setPowerState(task, 'power on')
    }
  } catch (error) {
    task.ctx.log.error({ error, node: node.uuid }, 'tear-down after an abort failed')
    const message = 'Failed to tear down service after aborting the operation'
    return await failService(task, message, { tearDown: false, setFailState: false })
  }
  node.lastError = abortedText('service', node.serviceStep)
  node.serviceStep = null
  wipeServiceInfo(task)
}
