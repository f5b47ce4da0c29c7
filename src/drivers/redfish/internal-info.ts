import type { JsonObject } from '../../db/columns.js'
import type { Task } from '../task.js'

/** What Redfish work keeps in `driver_internal_info`, so that it survives this process. */
export const internalOf = (task: Pick<Task, 'node'>): JsonObject =>
  task.node.driverInternalInfo ?? {}

export function setInternal(task: Pick<Task, 'node'>, values: JsonObject): void {
  task.node.driverInternalInfo = { ...internalOf(task), ...values }
}

export function dropInternal(task: Pick<Task, 'node'>, keys: readonly string[]): void {
  const kept = Object.entries(internalOf(task)).filter(([key]) => !keys.includes(key))
  task.node.driverInternalInfo = Object.fromEntries(kept)
}
