import { errorText } from '../../error-text.js'
import type { PowerState } from '../../drivers/interfaces.js'
import { updateCaches } from '../node/hardware-caches.js'
import type { NodeTask } from '../node/task.js'
import { driverSteps } from '../steps/collect.js'
import { runDriverStep } from './execute.js'

/** Checks that a new node can be driven (docs/reference/conductor.md 9.2). Safe to begin again at any point. */
export async function runVerify(task: NodeTask): Promise<void> {
  const power = await readPower(task)
  const stepError = await runVerifySteps(task)
  const error = stepError ?? ('error' in power ? power.error : null)
  if (error !== null) return task.fail(error, { eventType: 'verify' })
  await updateCaches(task)
  if ('state' in power) task.node.powerState = power.state
  task.transition('done')
}

type Power = { state: PowerState | null } | { error: string }

async function readPower(task: NodeTask): Promise<Power> {
  const { uuid } = task.node
  try {
    await task.driver.power.validate(task)
  } catch (error) {
    return {
      error: `Failed to validate power driver interface for node ${uuid}. Error: ${errorText(error)}`,
    }
  }
  try {
    return { state: await task.driver.power.getPowerState(task) }
  } catch (error) {
    return { error: `Failed to get power state for node ${uuid}. Error: ${errorText(error)}` }
  }
}

/** Every step gets its turn, also after one has failed. @returns the last failure */
async function runVerifySteps(task: NodeTask): Promise<string | null> {
  let failure: string | null = null
  for (const step of await driverSteps(task, 'verify', { enabled: true, sort: true })) {
    task.signal.throwIfAborted()
    try {
      await runDriverStep(task, 'verify', step)
    } catch (error) {
      if (task.signal.aborted) throw error
      task.recordError(`Failed to verify: ${errorText(error)}`, 'verifying')
      failure = `Node ${task.node.uuid} failed verify step ${step.step} with unexpected error: ${errorText(error)}`
    }
  }
  return failure
}
