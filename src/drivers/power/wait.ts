import { PowerStateFailure } from '../../errors.js'
import type { PowerState, Task } from '../interfaces.js'

const firstPauseMs = 1000
const longestPauseMs = 5000

/**
 * Reads the power state until it is the one wanted (`conductor_utils.node_wait_for_power_state`).
 * @param timeoutSeconds absent or 0: `[conductor] power_state_change_timeout`
 * @throws PowerStateFailure when time is over, and what reading throws
 */
export async function waitForPowerState(
  task: Task,
  wanted: PowerState,
  timeoutSeconds?: number | null,
): Promise<void> {
  const { clock, config } = task.ctx
  const limit = (timeoutSeconds || config.conductor.power_state_change_timeout) * 1000
  const begin = clock.now().getTime()
  let slept = 0
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    await clock.sleep(pause, task.signal)
    slept += pause
    if ((await task.driver.power.getPowerState(task)) === wanted) return
    if (Math.max(slept, clock.now().getTime() - begin) >= limit) throw new PowerStateFailure(wanted)
  }
}
