/** The provision states and events, and the sets the rules speak of (docs/reference/state-machine.json). */
export const states = [
  'enroll',
  'manageable',
  'available',
  'active',
  'error',
  'rescue',
  'verifying',
  'deploying',
  'wait call-back',
  'deploy failed',
  'deploy hold',
  'cleaning',
  'clean wait',
  'clean failed',
  'clean hold',
  'deleting',
  'inspecting',
  'inspect failed',
  'inspect wait',
  'adopting',
  'adopt failed',
  'rescuing',
  'rescue wait',
  'rescue failed',
  'unrescuing',
  'unrescue failed',
  'servicing',
  'service wait',
  'service failed',
  'service hold',
] as const
export type State = (typeof states)[number]

export const events = [
  'abort',
  'adopt',
  'clean',
  'delete',
  'deploy',
  'done',
  'fail',
  'hold',
  'inspect',
  'manage',
  'provide',
  'rebuild',
  'rescue',
  'resume',
  'service',
  'unhold',
  'unrescue',
  'wait',
] as const
export type Event = (typeof events)[number]

/** Where a node that enters the state is heading, unless the caller says otherwise. */
export const defaultTargets: Readonly<Partial<Record<State, State>>> = {
  verifying: 'manageable',
  deploying: 'active',
  'wait call-back': 'active',
  'deploy failed': 'active',
  'deploy hold': 'active',
  cleaning: 'available',
  'clean wait': 'available',
  'clean failed': 'available',
  'clean hold': 'available',
  deleting: 'available',
  inspecting: 'manageable',
  'inspect failed': 'manageable',
  'inspect wait': 'manageable',
  adopting: 'active',
  'adopt failed': 'active',
  rescuing: 'rescue',
  'rescue wait': 'rescue',
  'rescue failed': 'rescue',
  unrescuing: 'active',
  'unrescue failed': 'active',
  servicing: 'active',
  'service wait': 'active',
  'service failed': 'active',
  'service hold': 'active',
}

/** A node rests here; the target is cleared on arrival. */
export const stableStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'available',
  'active',
  'error',
  'rescue',
])

/** Work or a machine is awaited. */
export const unstableStates: ReadonlySet<string> = new Set<State>([
  'verifying',
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'deleting',
  'inspecting',
  'inspect wait',
  'adopting',
  'rescuing',
  'rescue wait',
  'unrescuing',
  'servicing',
  'service wait',
])

/** Waiting for an operator. */
export const holdStates: ReadonlySet<string> = new Set<State>([
  'deploy hold',
  'clean hold',
  'service hold',
])

/** A flow failed here. */
export const failureStates: ReadonlySet<string> = new Set<State>([
  'deploy failed',
  'clean failed',
  'inspect failed',
  'adopt failed',
  'rescue failed',
  'unrescue failed',
  'service failed',
])

/** Somebody must be working on the node: without a task it is stuck. */
export const transientStates: ReadonlySet<string> = new Set<State>([
  'verifying',
  'deploying',
  'cleaning',
  'deleting',
  'inspecting',
  'adopting',
  'rescuing',
  'unrescuing',
  'servicing',
])

/** PATCH is allowed although a target is set. Upstream also lists the verb `service`. */
export const updateAllowedStates: ReadonlySet<string> = new Set<State>([
  'error',
  'verifying',
  'deploy failed',
  'clean failed',
  'inspecting',
  'inspect failed',
  'inspect wait',
  'adopt failed',
  'rescue failed',
  'unrescue failed',
  'service failed',
  'service hold',
])

/** Interfaces, resource class and the like may change. */
export const interfaceUpdateStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'available',
  'inspecting',
  'inspect wait',
])

/** Connectivity of ports may change. */
export const portConnectivityStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'inspecting',
  'inspect wait',
])

/** Lookup by the agent. */
export const lookupAllowedStates: ReadonlySet<string> = new Set<State>([
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'inspecting',
  'inspect wait',
  'rescuing',
  'rescue wait',
  'service wait',
])

/** Lookup with fast track. */
export const lookupAllowedFastTrackStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'available',
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'inspecting',
  'inspect wait',
  'rescuing',
  'rescue wait',
  'servicing',
  'service wait',
  'service hold',
])

/** Heartbeats are heeded. */
export const heartbeatAllowedStates: ReadonlySet<string> = new Set<State>([
  'deploying',
  'wait call-back',
  'deploy hold',
  'cleaning',
  'clean wait',
  'clean hold',
  'rescuing',
  'rescue wait',
  'servicing',
  'service wait',
  'service hold',
])

/** Heartbeats are heeded with fast track. */
export const heartbeatAllowedFastTrackStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'available',
  'deploying',
  'wait call-back',
  'deploy hold',
  'cleaning',
  'clean wait',
  'clean hold',
  'rescuing',
  'rescue wait',
  'servicing',
  'service wait',
  'service hold',
])

/** Heartbeats are recorded and not acted upon. */
export const heartbeatRecordOnlyStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'manageable',
  'available',
  'deploying',
  'deploy hold',
  'cleaning',
  'clean hold',
  'rescuing',
  'servicing',
  'service hold',
])

/** The power sync leaves these alone. */
export const powerSyncExcludedStates: ReadonlySet<string> = new Set<State>([
  'enroll',
  'wait call-back',
  'clean wait',
  'adopt failed',
])

/** Settable power targets and what is stored as `target_power_state` meanwhile. */
export const storedPowerTarget = {
  'power on': 'power on',
  'power off': 'power off',
  rebooting: 'power on',
  'soft rebooting': 'power on',
  'soft power off': 'power off',
} as const

/** Causes of maintenance that the conductor sets and lifts itself. */
export const faults = {
  power: 'power failure',
  clean: 'clean failure',
  rescueAbort: 'rescue abort failure',
  service: 'service failure',
} as const

/** True when the string names a provision state. */
export function isState(name: string): name is State {
  return (states as readonly string[]).includes(name)
}
