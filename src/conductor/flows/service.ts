import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { InvalidParameterValue } from '../../errors.js'
import { restoreDeployInterface } from '../../drivers/deploy/switch.js'
import { updateCaches } from '../node/hardware-caches.js'
import { infoOf, setInfo, wipeServiceInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { faults } from '../state/states.js'
import { isConductorStep, validateSteps, withoutDisallowed } from '../steps/validate.js'
import { cursorOf, runSteps, stepsOf } from './engine.js'
import {
  abortRamdisk,
  bootRamdisk,
  deployInterfaceFault,
  endRamdisk,
  failRamdisk,
  ramdiskSteps,
  validationFault,
  type RamdiskFlow,
} from './ramdisk-flow.js'
import { recordEnd, recordStart } from './records.js'
import type { FailOptions, StepFlow } from './types.js'

/** Servicing of a node in use (docs/reference/conductor.md 8). */

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
  ...ramdiskSteps,
  name: () => 'servicing',
  target: () => undefined,
  fail: failService,
  complete,
  aborted: async (task) => {
    task.transition('fail')
    await abortService(task)
  },
}

const ramdisk: RamdiskFlow = {
  flow: serviceFlow,
  purpose: 'service',
  fault: faults.service,
  waitsForAgent: false,
  prepare: (task) => task.driver.deploy.prepareService(task),
  tearDown: (task) => task.driver.deploy.tearDownService(task),
  tearDownFailed: () => 'Also failed to tear down servicing.',
  wipe: wipeServiceInfo,
  powersOffOnFailure: (task) => task.ctx.config.conductor.poweroff_in_servicefail,
}

/** Begins servicing, or goes on with it at its step. */
export async function runService(task: NodeTask, args: ServiceArgs): Promise<void> {
  const cursor = cursorOf(task, serviceFlow)
  if (cursor !== null) return await runSteps(task, serviceFlow, cursor)
  const unchosen = await deployInterfaceFault(task, ramdisk)
  if (unchosen !== null) return await failService(task, unchosen, { tearDown: false })
  const invalid = await validationFault(task, ramdisk, args.disableRamdisk)
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
  return await bootRamdisk(task, ramdisk)
}

async function complete(task: NodeTask): Promise<void> {
  const disableRamdisk = withoutRamdisk(task)
  task.node.serviceStep = null
  wipeServiceInfo(task)
  recordEnd(task, 'servicing', stepsOf(task, serviceFlow))
  if (!disableRamdisk && !(await endRamdisk(task, ramdisk))) return
  await updateCaches(task)
  await restoreDeployInterface(task)
  task.transition('done')
}

/** The servicing error handler (docs/reference/conductor.md 8). */
export async function failService(
  task: NodeTask,
  message: string,
  options: FailOptions = {},
): Promise<void> {
  await failRamdisk(task, ramdisk, message, options)
}

/** What is left to do when servicing was aborted: the instance runs again. */
export async function abortService(task: NodeTask): Promise<void> {
  await abortRamdisk(task, ramdisk, backToInstance)
}

async function backToInstance(task: NodeTask): Promise<void> {
  const { driver, node } = task
  const agentMayRun = infoOf(node)['agent_start_attempted'] === true
  if (agentMayRun) await driver.power.setPowerState(task, 'power off')
  await driver.deploy.tearDownService(task)
  if (!agentMayRun) return
  await driver.boot.prepareInstance(task)
  await driver.power.setPowerState(task, 'power on')
}
