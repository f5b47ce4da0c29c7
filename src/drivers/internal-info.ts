import type { JsonObject } from '../db/columns.js'
import type { MutableNode } from './interfaces.js'

/** Reading and writing `driver_internal_info`, of which every writer keeps what others wrote. */

export type InfoHolder = Pick<MutableNode, 'driverInternalInfo'>

export const infoOf = (node: InfoHolder): JsonObject => node.driverInternalInfo ?? {}

export function setInfo(node: InfoHolder, values: JsonObject): void {
  node.driverInternalInfo = { ...infoOf(node), ...values }
}

export function dropInfo(node: InfoHolder, keys: readonly string[]): void {
  const kept = Object.entries(infoOf(node)).filter(([key]) => !keys.includes(key))
  node.driverInternalInfo = Object.fromEntries(kept)
}

/** Removes a key and gives what it held. */
export function popInfo(node: InfoHolder, key: string): unknown {
  const value = infoOf(node)[key]
  dropInfo(node, [key])
  return value
}
