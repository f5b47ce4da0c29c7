import type { Step } from '../../drivers/interfaces.js'
import type { NodeTask } from '../node/task.js'
import type { State } from '../state/states.js'
import type { FlowName } from './records.js'

export interface FailOptions {
  /** False: the clean-up of the flow has been tried, or must not be. */
  readonly tearDown?: boolean
  /** False: the node is in its failure state already, or must stay where it is. */
  readonly setFailState?: boolean
}

/** What differs between the flows of steps: cleaning, deployment, servicing. */
export interface StepFlow {
  readonly kind: 'clean' | 'deploy' | 'service'
  /** Begins the flags in driver_internal_info: `cleaning_reboot`, `cleaning_polling`. */
  readonly gerund: 'cleaning' | 'deployment' | 'servicing'
  readonly column: 'cleanStep' | 'deployStep' | 'serviceStep'
  readonly running: State
  readonly waiting: State
  readonly failed: State
  name(task: NodeTask): FlowName
  /** Target of `wait` and `resume`, where it is not the state machine's own. */
  target(task: NodeTask): State | undefined
  /** The text for a step that threw. */
  stepFailed(task: NodeTask, step: Step, error: unknown): string
  /** The text for a step that returned what it may not. */
  invalidResult(task: NodeTask, step: Step, result: unknown): string
  /** Without a known agent the step waits for it. */
  readonly waitsWithoutAgent: boolean
  /** Cleans up, records the error and moves the node to its failure state. */
  fail(task: NodeTask, message: string, options?: FailOptions): Promise<void>
  /** After the last step. */
  complete(task: NodeTask): Promise<void>
  /** The flow was told to end after the step that is done now. */
  aborted(task: NodeTask): Promise<void>
  /** Before the first step after the ramdisk has come. False: it failed and was dealt with. */
  beforeContinue(task: NodeTask): Promise<boolean>
  /** After a step that ended at once: what it brought may change the steps that follow. */
  afterStep?(task: NodeTask): Promise<boolean>
  /** A failed step that wants more than `fail`. False: it does not. */
  failStep?(task: NodeTask, step: Step, error: unknown): Promise<boolean>
}
