import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { Caller } from './caller.js'
import type { NodeTask } from '../node/task.js'

/** Background work on a node. It may be begun again after a crash: see `NodeTask.attempt`. */
export interface NodeWork {
  /**
   * `handed`: the verb's reservation came with the task. `patient`: it waits for the lock itself.
   * `shared`: it reads, and upgrades where it must.
   */
  readonly lock: 'handed' | 'patient' | 'shared'
  /** Upstream's name of the function, as `last_error` gives it when the work escapes it. */
  readonly method: string
  run(task: NodeTask, args: JsonObject): Promise<void>
  /** Cleans up when the work may not be begun again; default: event `fail`. */
  giveUp?(task: NodeTask, reason: string): Promise<void>
}

/** Background work without a node. */
export interface PlainWork {
  readonly lock: 'none'
  readonly method: string
  run(ctx: AppContext, caller: Caller, args: JsonObject): Promise<void>
}

export type Work = NodeWork | PlainWork
export type WorkTable = Readonly<Record<string, Work>>

/** Thrown by work that takes no lock of its own: it is begun again after a while. */
export class Postponed extends Error {
  override readonly name = 'Postponed'
  readonly delayMs: number
  constructor(delayMs: number) {
    super('the work was postponed')
    this.delayMs = delayMs
  }
}
