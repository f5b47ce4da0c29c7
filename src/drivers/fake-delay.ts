import type { Config } from '../config/index.js'
import { InvalidParameterValue } from '../errors.js'
import type { Task } from './interfaces.js'

export type FakeDelayOption = keyof Config['fake']

/**
 * Reads a `[fake] *_delay` value.
 * @returns shortest and longest delay in seconds
 * @throws InvalidParameterValue when it is not "", "N" or "A,B" with whole numbers
 */
export function parseDelay(option: string, value: string): readonly [number, number] {
  if (value === '') return [0, 0]
  const [from, to = from] = value.split(',').map((part) => part.trim())
  if (from === undefined || to === undefined || !/^\d+$/.test(from) || !/^\d+$/.test(to)) {
    throw new InvalidParameterValue(
      `[fake] ${option} must be a number of seconds or two of them ("A,B"), not "${value}".`,
    )
  }
  return [Number(from), Number(to)]
}

/**
 * Checks every `[fake]` delay, so that a wrong one stops the start and not an operation.
 * @throws InvalidParameterValue
 */
export function checkFakeDelays(config: Config): void {
  for (const [option, value] of Object.entries(config.fake)) parseDelay(option, value)
}

/** Inverse of the triangular distribution whose mode is its lower end. */
export const triangular = (low: number, high: number, uniform: number): number =>
  high - (high - low) * Math.sqrt(1 - uniform)

/**
 * Waits as long as the configuration says a fake operation takes.
 * @throws the task's abort reason
 */
export async function fakeDelay(task: Task, option: FakeDelayOption): Promise<void> {
  const [low, high] = parseDelay(option, task.ctx.config.fake[option])
  if (low === 0 && high === 0) return
  await task.ctx.clock.sleep(triangular(low, high, Math.random()) * 1000, task.signal)
}
