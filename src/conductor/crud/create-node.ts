import type { AppContext } from '../../context.js'
import type { NodeInsert, NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import type { DriverChoice } from '../../drivers/registry.js'
import { interfaceKinds, type InterfaceKind } from '../../drivers/interfaces.js'
import { insertRow } from '../../db/raw-rows.js'
import { asNodeFault, checkProperties } from './node-faults.js'
import { routeForWrite } from './route.js'

/**
 * Stores a new node: finds who serves it, chooses its interfaces, inserts it (docs/reference/conductor.md, 2.1).
 * @param values the row, complete but for the interfaces that were not named
 * @throws NoValidHost 400, Invalid 400 (interfaces, properties), Conflict 409 (duplicates)
 */
export async function createNode(
  ctx: AppContext,
  values: NodeInsert & { driver: string },
): Promise<NodeRow> {
  const { uuid, driver, conductorGroup = '' } = values
  await routeForWrite(ctx, { uuid, driver, conductorGroup })
  const interfaces = ctx.drivers.resolveInterfaces(choiceOf(values))
  checkProperties(uuid, values.properties)
  try {
    return await insertRow(ctx.db.orm, nodes, { ...values, ...interfaces })
  } catch (e) {
    throw asNodeFault(e, uuid, values)
  }
}

/** What chooses the driver of a row that may lack columns. */
function choiceOf(values: NodeInsert & { driver: string }): DriverChoice {
  const columns = interfaceKinds.map((kind) => {
    const key: `${InterfaceKind}Interface` = `${kind}Interface`
    return [key, values[key] ?? null]
  })
  const { uuid, driver, instanceInfo = null } = values
  return { uuid, driver, instanceInfo, ...Object.fromEntries(columns) } as DriverChoice
}
