import { describe, expect, it } from 'vitest'
import { isActionable, move, nextState } from '../../src/conductor/state/machine.js'
import {
  defaultTargets,
  events,
  stableStates,
  states,
  type Event,
  type State,
} from '../../src/conductor/state/states.js'
import { transitions } from '../../src/conductor/state/transitions.js'

const pairs = states.flatMap((state) => events.map((event) => [state, event] as const))
const rows = new Map(transitions.map(([from, event, to]) => [`${from}|${event}`, to]))

function attempt(node: { provisionState: State; targetProvisionState: null }, event: Event) {
  try {
    return move(node, event).provisionState
  } catch {
    return null
  }
}

describe('the state machine', () => {
  it('has the 93 rows upstream has, no pair twice', () => {
    expect(transitions).toHaveLength(93)
    expect(rows.size).toBe(93)
  })

  it.each(pairs)('in %s, %s moves as the table says or is refused', (state, event) => {
    const expected = rows.get(`${state}|${event}`) ?? null
    const node = { provisionState: state, targetProvisionState: null }
    expect(nextState(state, event)).toBe(expected)
    expect(isActionable(state, event)).toBe(expected !== null)
    expect(attempt(node, event)).toBe(expected)
  })

  it.each(transitions)('%s --%s--> %s keeps the rules for the target', (from, event, to) => {
    const node = { provisionState: from, targetProvisionState: defaultTargets[from] ?? null }
    const settled = move(node, event)
    const expected = stableStates.has(to) ? null : defaultTargets[to]
    expect(settled.targetProvisionState).toBe(expected)
    const working = move(node, event, { callback: true, target: 'manageable' })
    expect(working.targetProvisionState).toBe('manageable')
  })

  it('never rests in a state with a target, nor works without one', () => {
    for (const [from, event] of transitions) {
      const after = move({ provisionState: from, targetProvisionState: null }, event)
      const stable = stableStates.has(after.provisionState)
      expect(after.targetProvisionState === null).toBe(stable)
    }
  })
})
