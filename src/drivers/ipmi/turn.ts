import { errorText } from '../../error-text.js'
import { BmcBackingOff, BmcDeadline } from '../../protocols/bmc/work.js'
import { priorityOf } from '../bmc/priority.js'
import type { IpmiClient } from '../../protocols/ipmi/client.js'
import { bmcScheduler } from '../bmc/scheduler.js'
import type { IpmiInfo } from './driver-info.js'
import type { Task } from '../interfaces.js'
import { IPMIFailure } from './errors.js'

export const defaultPort = 623

/** A BMC's key in the scheduler, and its name in texts. */
export function bmcName(info: Pick<IpmiInfo, 'address' | 'port'>): string {
  const host = info.address.includes(':') ? `[${info.address}]` : info.address
  return `ipmi://${host}:${info.port ?? defaultPort}`
}

export interface Turn {
  /** Milliseconds by the clock, until which all tries must be over. */
  readonly deadline: number
  readonly signal: AbortSignal
}

export interface TurnOptions {
  /** The operation in upstream's words: `power status`. */
  readonly command: string
  /** Milliseconds the work may take; default: `[ipmi] command_retry_timeout`. */
  readonly patienceMs?: number
  /** Whose session it is done in; absent: one of its own. */
  readonly session?: IpmiClient
  /** Equal reads that nobody waits for share one answer. */
  readonly shareable?: boolean
  /** Whether an error means that the BMC did not answer. */
  readonly isUnreachable: (error: unknown) => boolean
}

/** What nobody waits for may not hold the others up: a dead BMC costs a power sync this. */
const longestPollMs = 15_000

/**
 * Runs one operation when it is the BMC's turn, with time to repeat what got lost.
 * @throws IPMIFailure with what the BMC answered, or why it was not asked
 */
export async function takeTurn<T>(
  task: Task,
  info: IpmiInfo,
  options: TurnOptions,
  work: (turn: Turn) => Promise<T>,
): Promise<T> {
  const { clock, config } = task.ctx
  const key = bmcName(info)
  const priority = priorityOf(task)
  const whole = options.patienceMs ?? config.ipmi.command_retry_timeout * 1000
  const patience = priority === 'poll' ? Math.min(whole, longestPollMs) : whole
  const now = (): number => clock.now().getTime()
  const minInterval = config.ipmi.min_command_interval * 1000
  // Waiting for one's turn is not held against the BMC; twice the patience bounds it all.
  const deadline = now() + 2 * patience + minInterval
  const coalesce = options.shareable === true ? { coalesce: options.command } : {}
  const { isUnreachable, session } = options
  const how = {
    ...{ priority, signal: task.signal, deadline, minInterval, isUnreachable, ...coalesce },
    ...(session === undefined ? {} : { session }),
  }
  try {
    return await bmcScheduler(task.ctx).run(key, how, (signal) =>
      work({ deadline: now() + patience, signal }),
    )
  } catch (error) {
    throw asFailure(task, key, options.command, error)
  }
}

function asFailure(task: Task, key: string, command: string, error: unknown): unknown {
  if (error instanceof IPMIFailure) return error
  if (task.signal.aborted && error === task.signal.reason) return error
  const said = errorText(error)
  const itself = error instanceof BmcBackingOff || error instanceof BmcDeadline
  return new IPMIFailure(command, itself ? said : `BMC ${key}: ${said}`, error)
}
