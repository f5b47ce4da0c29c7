import type { PowerState } from '../../drivers/interfaces.js'
import { Invalid } from '../../errors.js'
import type { NodeTask } from '../node/task.js'

/** What a machine said about its power, or why it said nothing. */
export type Reading = { state: PowerState | null } | { error: unknown }

/** Whether the node says enough about its machine to ask it. */
export async function isAskable(task: NodeTask): Promise<boolean> {
  try {
    await task.driver.power.validate(task)
    return true
  } catch (error) {
    if (error instanceof Invalid) return false
    throw error
  }
}

/** Asks the machine; never throws. */
export async function readPower(task: NodeTask): Promise<Reading> {
  try {
    const state = await task.driver.power.getPowerState(task)
    if (state !== 'error') return { state }
    return {
      error: new Error('Power driver returned ERROR state while trying to sync power state.'),
    }
  } catch (error) {
    return { error }
  }
}
