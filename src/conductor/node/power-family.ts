import { and, asc, eq } from 'drizzle-orm'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { Conflict, NodeLocked } from '../../errors.js'
import type { NodeTask } from './task.js'

/** Nodes inside a node (`parent_node`) that take their power from it (docs/reference/conductor.md 3.2, step 6). */

/** Opens a node that is related to the task's node, for the same caller. */
export type OpenRelative = (
  ident: number | string,
  options: { readonly purpose: string; readonly shared?: boolean },
  work: (task: NodeTask) => Promise<void>,
) => Promise<void>

const hasOwnSupply = (node: Pick<NodeRow, 'driverInfo'>): boolean =>
  Boolean(node.driverInfo?.['has_dedicated_power_supply'])

/** Switches on the parent first. @throws Conflict when it is locked */
export async function powerOnParent(task: NodeTask, open: OpenRelative): Promise<void> {
  const { node } = task
  const parent = node.parentNode
  if (parent === null || hasOwnSupply(node)) return
  const purpose = { purpose: 'power on parent node', shared: true }
  await open(parent, purpose, async (above) => {
    if ((await above.driver.power.getPowerState(above)) === 'power on') return
    await above.upgrade('power on parent node').catch((error: unknown) => {
      throw error instanceof NodeLocked
        ? new Conflict(lockedText(node.uuid, 'parent', parent))
        : error
    })
    await above.powerAction('power on')
    await above.finish()
  })
}

/** Switches off the children first. @throws Conflict when one is locked */
export async function powerOffChildren(task: NodeTask, open: OpenRelative): Promise<void> {
  for (const child of await childrenOf(task)) {
    if (!hasOwnSupply(child)) await powerOffChild(task, child, open)
  }
}

async function powerOffChild(task: NodeTask, child: NodeRow, open: OpenRelative): Promise<void> {
  const purpose = { purpose: 'power off child node' }
  try {
    await open(child.id, purpose, async (below) => {
      await below.powerAction('power off')
      await below.save()
    })
  } catch (error) {
    if (!(error instanceof NodeLocked)) throw error
    throw new Conflict(lockedText(task.node.uuid, 'child', child.uuid))
  }
}

/** The nodes inside a node, oldest first. */
export async function childrenOf(task: NodeTask, only: readonly string[] = []): Promise<NodeRow[]> {
  const rows = await task.ctx.db.orm
    .select()
    .from(nodes)
    .where(and(eq(nodes.parentNode, task.node.uuid)))
    .orderBy(asc(nodes.id))
  return only.length === 0 ? rows : rows.filter((row) => only.includes(row.uuid))
}

const lockedText = (node: string, relation: 'parent' | 'child', other: string): string =>
  `Node ${node} ${relation}_node ${other} is presently locked and we are unable to perform any action on it at this time. Please retry after the current operation is completed.`
