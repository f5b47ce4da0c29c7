import { BmcBackingOff, BmcDeadline } from '../../protocols/bmc/work.js'
import { AccessDenied, BmcError, ConnectionFailed } from '../../protocols/redfish/errors.js'
import { quirksOf, type Quirks } from '../../protocols/redfish/quirks.js'
import { readRoot } from '../../protocols/redfish/resources/service-root.js'
import { findSystem, type System } from '../../protocols/redfish/resources/system.js'
import { Talk } from '../../protocols/redfish/talk.js'
import { priorityOf } from '../bmc/priority.js'
import { parseRedfishInfo, type RedfishInfo } from './driver-info.js'
import type { Task } from '../interfaces.js'
import { RedfishConnectionError, RedfishError } from './errors.js'
import { clientOf, releaseClient } from './sessions.js'

/** A node's BMC, for the time of one operation. */
export class Bmc {
  readonly task: Task
  readonly talk: Talk
  readonly info: RedfishInfo

  constructor(task: Task, talk: Talk, info: RedfishInfo) {
    this.task = task
    this.talk = talk
    this.info = info
  }

  /** The node's system, read anew. @throws RedfishError, RedfishConnectionError */
  async system(): Promise<System> {
    try {
      return await findSystem(this.talk, this.info.systemId)
    } catch (error) {
      throw translated(this.task, error, (reason) => reason)
    }
  }

  /** What this BMC does otherwise than others. An operator's `properties/vendor` decides first. */
  async quirks(system: System): Promise<Quirks> {
    const set = this.task.node.properties?.['vendor']
    const vendor =
      typeof set === 'string' && set !== ''
        ? set
        : ((await readRoot(this.talk)).vendor ?? system.manufacturer)
    return quirksOf({ vendor }).quirks
  }
}

/**
 * Runs an operation on a node's BMC.
 * @param text makes the error's text of what the BMC said; absent: just that
 * @throws Invalid, RedfishError, RedfishConnectionError, and what `use` throws of its own
 */
export async function withBmc<T>(
  task: Task,
  use: (bmc: Bmc) => Promise<T>,
  text: (reason: string) => string = (reason) => reason,
): Promise<T> {
  const info = parseRedfishInfo(task)
  const client = clientOf(task.ctx, info)
  const talk = new Talk(client, { signal: task.signal, priority: priorityOf(task) })
  let refused = false
  try {
    return await use(new Bmc(task, talk, info))
  } catch (error) {
    refused = saysAccessDenied(error)
    throw translated(task, error, text)
  } finally {
    await releaseClient(task.ctx, info, client, refused)
  }
}

const saysAccessDenied = (error: unknown): boolean =>
  error instanceof AccessDenied || (error instanceof Error && error.cause instanceof AccessDenied)

/** A fault of the protocol as an error of the API; others stay as they are. */
function translated(task: Task, error: unknown, text: (reason: string) => string): unknown {
  const { uuid } = task.node
  if (error instanceof BmcBackingOff || error instanceof BmcDeadline) {
    return new RedfishConnectionError(uuid, error.message, error)
  }
  if (!(error instanceof BmcError)) return error
  const message = text(error.message)
  const bare = message === error.message
  if (error instanceof ConnectionFailed && bare) {
    return new RedfishConnectionError(uuid, message, error)
  }
  return new RedfishError(message, error)
}
