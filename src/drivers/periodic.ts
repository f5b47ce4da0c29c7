import type { Config } from '../config/index.js'
import type { NodeRow } from '../db/rows.js'
import type { Task } from './task.js'

/** The flow of steps whose asynchronous step an implementation watches. */
export interface FlowControl {
  /** The step is over: the flow goes on with the next one. The task is handed over. */
  resume(): Promise<void>
  /** The step failed: the flow ends in its failure state with this text. */
  fail(text: string): Promise<void>
}

/**
 * Runs `work` with the node reserved and read again. Nothing runs, and nothing is thrown, when the
 * node is locked or `filter` no longer holds: the next round comes. What `work` changed is saved.
 */
export type Reserve = (work: (task: Task, flow: FlowControl) => Promise<void>) => Promise<void>

/**
 * Work on all nodes of an implementation again and again: mostly polling what runs in the machine
 * by itself (firmware, RAID, BIOS tasks) and going on with the flow when it is done. Each node is
 * visited by the one conductor the ring names, at most `[conductor] periodic_max_workers` at once,
 * never a reserved node.
 */
export interface InterfacePeriodic {
  readonly name: string
  /** Seconds between two rounds, from Ironic's option; 0 or less: never. */
  interval(config: Config): number
  /** Only nodes in these provision states; absent: all. */
  readonly states?: readonly string[]
  /** Nodes in maintenance, too. */
  readonly inMaintenance?: boolean
  /** Whether there is something to do, from the row alone: no hardware, no database. */
  filter(node: Readonly<NodeRow>): boolean
  /** Reads the machine without a lock, and takes it with `reserve` only when something changed. */
  run(task: Task, reserve: Reserve): Promise<void>
}
