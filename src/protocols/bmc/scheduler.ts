import type { Clock } from '../../clock.js'
import { Lane, type LaneOptions } from './lane.js'
import type { BmcStatistics } from './statistics.js'
import type { Work, WorkOptions } from './work.js'

/**
 * One queue per BMC, whatever protocol it is spoken to with. BMCs are small computers: two
 * commands at once, or a command each second, bring some of them down.
 */
export interface BmcScheduler {
  /**
   * Does the work when the BMC is free: verbs before requests before polls, in the order they
   * came, one at a time, `minInterval` apart. Cancelled or late callers are told at once; the
   * BMC stays taken until their work has ended.
   * @param key the BMC, such as `ipmi://10.0.0.1:623`, `https://10.0.0.1`
   * @throws BmcBackingOff, BmcDeadline, the signal's reason, and what the work throws
   */
  run<T>(key: string, options: WorkOptions, work: Work<T>): Promise<T>
  /**
   * Whether work that runs on a BMC may go on. To be asked before anything is sent: a process that
   * was held up for long may have lost the BMC to another one, and not have noticed yet.
   */
  mayGoOn(key: string): boolean
  /** What happened on a BMC, or undefined when it was never spoken to. */
  statistics(key: string): BmcStatistics | undefined
  /** Every BMC this process has spoken to. */
  keys(): string[]
}

export type SchedulerOptions = Pick<LaneOptions, 'clock'> & Partial<Omit<LaneOptions, 'clock'>>

const defaults = { minInterval: 0, backOff: 5_000, maxBackOff: 300_000 }

/** Makes the scheduler of a process. */
export function createBmcScheduler(options: SchedulerOptions & { clock: Clock }): BmcScheduler {
  const lanes = new Map<string, Lane>()
  const laneOf = (key: string): Lane => {
    const known = lanes.get(key)
    if (known !== undefined) return known
    const lane = new Lane(key, { ...defaults, ...options })
    lanes.set(key, lane)
    return lane
  }
  return {
    async run<T>(key: string, work: WorkOptions, what: Work<T>): Promise<T> {
      // A lane keeps results of every type; what comes back is what this work gave, or that of
      // a poll which its caller declared to be the same.
      return (await laneOf(key).run(work, what)) as T
    },
    mayGoOn: (key) => lanes.get(key)?.mayGoOn ?? false,
    statistics: (key) => lanes.get(key)?.statistics,
    keys: () => [...lanes.keys()],
  }
}
