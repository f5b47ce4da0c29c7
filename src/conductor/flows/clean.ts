import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { restoreDeployInterface } from '../../drivers/deploy/switch.js'
import { updateCaches } from '../node/hardware-caches.js'
import { infoOf, setInfo, wipeCleanInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { faults, type State } from '../state/states.js'
import { driverSteps, stepId } from '../steps/collect.js'
import {
  isConductorStep,
  StepsInvalid,
  validateSteps,
  withoutDisallowed,
} from '../steps/validate.js'
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
import { recordEnd, recordStart, type FlowName } from './records.js'
import type { FailOptions, StepFlow } from './types.js'

/** Cleaning, automated and manual (docs/reference/conductor.md 7). */

export interface CleanArgs extends JsonObject {
  /** What a user or a runbook asks; null: what the driver does by itself. */
  readonly steps: Step[] | null
  readonly disableRamdisk: boolean
  readonly manual: boolean
}

/** A manual clean is one that heads for manageable. */
const isManual = (task: NodeTask): boolean => task.node.targetProvisionState === 'manageable'
const nameOf = (task: NodeTask): FlowName =>
  isManual(task) ? 'manual cleaning' : 'automated cleaning'
const targetOf = (task: NodeTask): State | undefined => (isManual(task) ? 'manageable' : undefined)
const withTarget = (task: NodeTask) => {
  const target = targetOf(task)
  return target === undefined ? {} : { target }
}
const withoutRamdisk = (task: NodeTask): boolean =>
  infoOf(task.node)['cleaning_disable_ramdisk'] === true

export const cleanFlow: StepFlow = {
  kind: 'clean',
  gerund: 'cleaning',
  column: 'cleanStep',
  running: 'cleaning',
  waiting: 'clean wait',
  failed: 'clean failed',
  ...ramdiskSteps,
  name: nameOf,
  target: targetOf,
  fail: failClean,
  complete,
  aborted: async (task) => {
    task.transition('fail', withTarget(task))
    await abortClean(task)
  },
}

const ramdisk: RamdiskFlow = {
  flow: cleanFlow,
  purpose: 'cleaning',
  fault: faults.clean,
  waitsForAgent: true,
  prepare: (task) => task.driver.deploy.prepareCleaning(task),
  tearDown: (task) => task.driver.deploy.tearDownCleaning(task),
  tearDownFailed: (task, error) =>
    `Also Failed to tear down cleaning on node ${task.node.uuid}, reason: ${errorText(error)}`,
  wipe: wipeCleanInfo,
  powersOffOnFailure: (task) => task.ctx.config.conductor.poweroff_in_cleanfail,
}

/** Begins cleaning, or goes on with it at its step. */
export async function runClean(task: NodeTask, args: CleanArgs): Promise<void> {
  const { node } = task
  const cursor = cursorOf(task, cleanFlow)
  if (cursor !== null) return await runSteps(task, cleanFlow, cursor)
  if (!args.manual && isSkipped(task)) return await skip(task)
  if (!task.ctx.config.conductor.allow_provisioning_in_maintenance && node.maintenance) {
    const message = 'Cleaning a node in maintenance mode is not allowed'
    return await failClean(task, message, { tearDown: false })
  }
  const unchosen = await deployInterfaceFault(task, ramdisk)
  if (unchosen !== null) return await failClean(task, unchosen, { tearDown: false })
  const invalid = await validationFault(task, ramdisk, args.disableRamdisk)
  if (invalid !== null) return await failClean(task, invalid)
  wipeCleanInfo(task)
  if (args.steps !== null && args.steps.length > 0) {
    setInfo(node, {
      clean_steps: args.steps,
      cleaning_disable_ramdisk: args.disableRamdisk,
      declarative_cleaning: true,
    })
  }
  await updateCaches(task)
  await begin(task, args)
}

function isSkipped(task: NodeTask): boolean {
  return !(task.node.automatedClean ?? task.ctx.config.conductor.automated_clean)
}

async function skip(task: NodeTask): Promise<void> {
  task.node.cleanStep = null
  await restoreDeployInterface(task)
  task.transition('done')
}

async function begin(task: NodeTask, args: CleanArgs): Promise<void> {
  let asked: readonly Step[] | null =
    args.steps !== null && args.steps.length > 0 ? args.steps : null
  let disableRamdisk = args.disableRamdisk
  let validated = false
  try {
    if (asked !== null && !disableRamdisk) {
      const completed = await validateEarly(task, asked)
      validated = completed === null
      asked = completed ?? asked
      disableRamdisk = withoutRamdisk(task)
    }
    if (!disableRamdisk && !(await bootRamdisk(task, ramdisk))) return
    if (!validated) await setCleanSteps(task, asked, disableRamdisk)
  } catch (error) {
    if (task.signal.aborted) throw error
    const message = `Cannot clean node ${task.node.uuid}: ${errorText(error)}`
    return await failClean(task, message)
  }
  const steps = stepsOf(task, cleanFlow)
  recordStart(task, nameOf(task), steps)
  await runSteps(task, cleanFlow, steps.length > 0 ? 0 : null)
}

/**
 * Steps that are all known already and need no ramdisk spare the node the boot.
 * @returns null when all are valid; else the steps as far as the driver could complete them, for the
 *   text of the next check: the node keeps showing them as they were asked for
 */
async function validateEarly(
  task: NodeTask,
  asked: readonly Step[],
): Promise<readonly Step[] | null> {
  try {
    await setCleanSteps(task, asked, false)
  } catch (error) {
    if (!(error instanceof StepsInvalid)) throw error
    return error.steps
  }
  const steps = stepsOf(task, cleanFlow)
  if (steps.length > 0 && (await allOutOfBand(task, steps))) {
    setInfo(task.node, { cleaning_disable_ramdisk: true })
  }
  return null
}

async function allOutOfBand(task: NodeTask, steps: readonly Step[]): Promise<boolean> {
  const known = await driverSteps(task, 'clean', { enabled: false, sort: false })
  const needs = new Map(known.map((s) => [stepId(s), s.requires_ramdisk ?? true]))
  return steps.every((s) => isConductorStep(s) || needs.get(stepId(s)) === false)
}

/**
 * Puts the list together: what was asked, checked; or (null) what the driver does by itself.
 * @throws StepsInvalid
 */
export async function setCleanSteps(
  task: NodeTask,
  asked: readonly Step[] | null,
  disableRamdisk: boolean,
): Promise<void> {
  const steps = asked
    ? await validateSteps(task, 'clean', asked, { disableRamdisk })
    : await driverSteps(task, 'clean', { enabled: true, sort: true })
  task.node.cleanStep = {}
  setInfo(task.node, {
    clean_steps: withoutDisallowed(task, 'clean', steps),
    clean_step_index: null,
  })
}

async function complete(task: NodeTask): Promise<void> {
  const disableRamdisk = withoutRamdisk(task)
  const manual = isManual(task)
  task.node.cleanStep = null
  wipeCleanInfo(task)
  if (!disableRamdisk && !(await endRamdisk(task, ramdisk))) return
  await updateCaches(task)
  recordEnd(task, nameOf(task), stepsOf(task, cleanFlow))
  await restoreDeployInterface(task)
  task.transition(manual || task.node.retired ? 'manage' : 'done')
}

/** The cleaning error handler (docs/reference/conductor.md 7.4). */
export async function failClean(
  task: NodeTask,
  message: string,
  options: FailOptions = {},
): Promise<void> {
  await failRamdisk(task, ramdisk, message, options)
}

/** What is left to do when cleaning was aborted; the node is in clean failed. */
export async function abortClean(task: NodeTask): Promise<void> {
  await abortRamdisk(task, ramdisk)
}
