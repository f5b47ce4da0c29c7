import { InvalidState } from '../../errors.js'
import type { MutableNode } from '../../drivers/interfaces.js'
import { defaultTargets, stableStates, type Event, type State } from './states.js'
import { transitions } from './transitions.js'

/**
 * The only writer of `provision_state` and what goes with it. Rules: docs/reference/conductor.md 1.3
 * (upstream `common/fsm.py`, `conductor/task_manager.py` process_event).
 */

const moves = new Map<string, Map<string, State>>()
for (const [from, event, to] of transitions) {
  const row = moves.get(from) ?? new Map<string, State>()
  moves.set(from, row.set(event, to))
}

/** Where `event` leads from `state`, or null when the table has no such row. */
export function nextState(state: string, event: string): State | null {
  return moves.get(state)?.get(event) ?? null
}

/** True when the table lets `event` happen in `state`. */
export function isActionable(state: string, event: string): boolean {
  return nextState(state, event) !== null
}

export interface TransitionOptions {
  /** Replaces the target the table gives. */
  readonly target?: State
  /** Work follows: `last_error` is cleared or replaced, and a target stays. */
  readonly callback?: boolean
  readonly lastError?: string
}

type Moved = Pick<MutableNode, 'provisionState' | 'targetProvisionState'>

/**
 * The state and the stored target after an event.
 * @throws InvalidState when the table has no such move
 */
export function move(node: Moved, event: Event, options: TransitionOptions = {}): Moved {
  const to = nextState(node.provisionState, event)
  if (to === null) {
    throw new InvalidState(`Event ${event} is not allowed in state ${node.provisionState}.`)
  }
  const settled = !options.callback && stableStates.has(to)
  return {
    provisionState: to,
    targetProvisionState: settled ? null : (options.target ?? machineTarget(node, to)),
  }
}

/** A target survives a state that has none of its own, until it is reached. */
function machineTarget(before: Moved, to: State): string | null {
  const own = defaultTargets[to]
  if (own !== undefined) return own
  const heading =
    before.targetProvisionState ?? defaultTargets[before.provisionState as State] ?? null
  return heading === to ? null : heading
}

/** Applies an event to the working copy of a node: state, target, error and times. */
export function applyEvent(
  node: MutableNode,
  event: Event,
  now: Date,
  options: TransitionOptions = {},
): void {
  const from = node.provisionState
  Object.assign(node, move(node, event, options))
  if (options.callback) node.lastError = options.lastError ?? null
  else if (options.lastError !== undefined) node.lastError = options.lastError
  node.provisionUpdatedAt = now
  setInspectionTimes(node, from, now)
}

function setInspectionTimes(node: MutableNode, from: string, now: Date): void {
  const wasInspecting = from === 'inspecting' || from === 'inspect wait'
  if (node.provisionState === 'inspecting') {
    node.inspectionStartedAt = now
    node.inspectionFinishedAt = null
  } else if (wasInspecting && node.provisionState === 'manageable') {
    node.inspectionFinishedAt = now
    node.inspectionStartedAt = null
  } else if (wasInspecting && node.provisionState === 'inspect failed') {
    node.inspectionStartedAt = null
  }
}
