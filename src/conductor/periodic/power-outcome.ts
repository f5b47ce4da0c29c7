import { errorText } from '../../error-text.js'
import type { NodeUpdate } from '../../db/rows.js'
import type { PowerState } from '../../drivers/interfaces.js'
import { historyRow, type HistoryEvent } from '../node/history.js'
import { writeIdle } from '../node/idle-writes.js'
import type { NodeTask } from '../node/task.js'
import { faults } from '../state/states.js'
import { changesOf, healthEvent, type Facts } from './facts.js'

/** What the power sync makes of what a machine said (docs/reference/conductor.md 15.1). */
export interface Outcome {
  readonly changes: NodeUpdate
  readonly history?: HistoryEvent
  /** Documents are replaced as a whole. */
  readonly exact?: boolean
  /** What the timeline tells once it is stored. */
  readonly tells?: { readonly kind: 'power' | 'error'; readonly summary: string }
}

/** The machine is as the database says. @returns null when there is nothing to write */
export function allWell({ node, ctx }: NodeTask, facts: Facts | null): Outcome | null {
  const heal = node.lastError !== null && ctx.config.conductor.node_history
  if (!heal && facts === null) return null
  const history = facts === null ? null : healthEvent(node, facts)
  return {
    changes: {
      ...(heal ? { lastError: null } : {}),
      ...(facts === null ? {} : changesOf(node, facts)),
    },
    exact: facts?.vendor !== undefined,
    ...(history === null ? {} : { history }),
  }
}

/** The database takes over what the machine says. */
export function adopt({ node, ctx }: NodeTask, actual: PowerState | null): Outcome {
  const heal = node.powerState === null && ctx.config.conductor.node_history
  return {
    changes: { powerState: actual, ...(heal ? { lastError: null } : {}) },
    tells: { kind: 'power', summary: `power sync: ${difference(node.powerState, actual)}` },
  }
}

/** For people. */
export const difference = (expected: string | null, actual: PowerState | null): string =>
  `the machine is ${actual ?? 'in an unknown state'}, the database says ${expected ?? 'nothing'}`

/** The machine cannot be brought in line: the node goes into maintenance until it answers. */
export function giveUp({ node }: NodeTask, actual: PowerState | null, error: unknown): Outcome {
  const shown = actual ?? 'None'
  const reason = error === null ? '' : ` Error: ${errorText(error)}`
  const text = `During sync_power_state, max retries exceeded for node ${node.uuid}, node state ${shown} does not match expected state '${node.powerState ?? 'None'}'. Updating DB state to '${shown}' Switching node to maintenance mode.${reason}`
  const stopped = { maintenance: true, maintenanceReason: text, fault: faults.power }
  return {
    changes: { powerState: actual, lastError: text, ...(node.maintenance ? {} : stopped) },
    history: { event: text, eventType: 'monitoring', severity: 'ERROR' },
    tells: { kind: 'error', summary: text },
  }
}

/**
 * Stores an outcome if the node is still as it was read, and tells of it.
 * @returns whether it was stored
 */
export async function store(task: NodeTask, outcome: Outcome): Promise<boolean> {
  const { ctx, caller, node } = task
  const told = ctx.config.conductor.node_history ? outcome.history : undefined
  const history = told === undefined ? [] : [historyRow(ctx, caller, node, told)]
  const { changes, exact = false, tells } = outcome
  const written = await writeIdle(ctx, { row: node, changes, history, exact })
  if (written && tells !== undefined) {
    task.tell(tells.kind, tells.summary, { expected: node.powerState, actual: changes.powerState })
  }
  return written
}
