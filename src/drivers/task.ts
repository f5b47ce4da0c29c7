import type { ProcessContext } from '../process-context.js'
import type { NodeRow, PortRow, PortgroupRow } from '../db/rows.js'
import type { DeployInterface, Driver, PowerTarget } from './interfaces.js'

/** A working copy of the row: change fields, then `save`. */
export type MutableNode = { -readonly [K in keyof NodeRow]: NodeRow[K] }

/**
 * Work on one node. Driver methods get one; the conductor makes them. With `shared` false the
 * node is reserved for this task and may be changed.
 */
export interface Task {
  readonly ctx: ProcessContext
  readonly node: MutableNode
  readonly driver: Driver
  readonly shared: boolean
  /** Aborted when the work is cancelled or its deadline has passed. */
  readonly signal: AbortSignal
  /** Periodic work: nobody waits for it, and a BMC in trouble need not be asked. */
  readonly unattended: boolean
  /**
   * Changes the power state the way flows do, with volumes, child nodes and `last_error`
   * (docs/reference/conductor.md, 3.2). What the power implementation itself does is `driver.power`.
   */
  powerAction(target: PowerTarget, timeoutSeconds?: number): Promise<void>
  /** Writes the columns changed since the row was read; sets `updated_at`. */
  save(): Promise<void>
  /** Composes the driver again after an interface column or `instance_info` changed. */
  resetDriver(): void
  /**
   * Returns the enabled deploy implementation with this name.
   * @throws InterfaceNotFoundInEntrypoint when it is not enabled
   */
  deployInterface(name: string): DeployInterface
  ports(): Promise<PortRow[]>
  portgroups(): Promise<PortgroupRow[]>
  traits(): Promise<string[]>
}
