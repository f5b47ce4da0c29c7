import type { JsonObject } from '../../db/columns.js'
import type { NodeRow } from '../../db/rows.js'
import { MASK, maskSecrets } from '../../mask.js'
import type { Task } from '../interfaces.js'

/** The node and its ports as agents are sent them: every column, with its name in the database. */

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

const asColumns = (row: object): JsonObject =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [snake(key), value]))

const objects = [
  'properties',
  'extra',
  'raid_config',
  'target_raid_config',
  'clean_step',
  'deploy_step',
  'service_step',
] as const

/**
 * The node without its secrets (`objects/node.py`, as_dict). Agents look for keys without asking
 * whether they are there, so empty objects are sent as such.
 * @param configdrive the agent needs the config drive itself
 */
export const nodeDocument = ({ node }: Task, configdrive = false): JsonObject =>
  nodeColumns(node, configdrive)

/** The same of a row. */
export function nodeColumns(node: Task['node'] | NodeRow, configdrive = false): JsonObject {
  const document = asColumns(node)
  for (const key of objects) document[key] ??= {}
  const instance = node.instanceInfo ?? {}
  const drive = instance['configdrive']
  return {
    ...document,
    driver_info: maskSecrets(node.driverInfo ?? {}),
    driver_internal_info: maskSecrets(node.driverInternalInfo ?? {}),
    instance_info: {
      ...maskSecrets(instance),
      ...(drive === undefined ? {} : { configdrive: configdrive ? drive : MASK }),
    },
  }
}

/** The node's ports. */
export async function portDocuments(task: Task): Promise<JsonObject[]> {
  return (await task.ports()).map((port) => ({
    ...asColumns(port),
    extra: port.extra ?? {},
    internal_info: port.internalInfo ?? {},
    local_link_connection: port.localLinkConnection ?? {},
  }))
}
