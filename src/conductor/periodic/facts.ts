import type { NodeRow, NodeUpdate } from '../../db/rows.js'
import { UnsupportedDriverExtension } from '../../errors.js'
import type { HistoryEvent } from '../node/history.js'
import type { NodeTask } from '../node/task.js'

/** What the power sync learns by the way: vendor, boot mode, secure boot, health. */
export interface Facts {
  readonly vendor?: string
  readonly bootMode?: string | null
  readonly secureBoot?: boolean | null
  readonly health?: string | null
}

/** @returns what differs from the node as it was read, or null when nothing does */
export async function readFacts(task: NodeTask): Promise<Facts | null> {
  const { node, ctx } = task
  const { management } = task.driver
  const vendor = node.properties?.['vendor']
    ? undefined
    : await ask(task, () => management.detectVendor?.(task))
  const bootMode = await ask(task, () => management.getBootMode?.(task))
  const secureBoot = await ask(task, () => management.getSecureBootState?.(task))
  const watched = ctx.config.conductor.enable_health_monitoring
  const health = watched ? await ask(task, () => management.getHealth?.(task)) : undefined
  const facts: Facts = {
    ...(vendor ? { vendor } : {}),
    ...(bootMode === undefined || bootMode === node.bootMode ? {} : { bootMode }),
    ...(secureBoot === undefined || secureBoot === node.secureBoot ? {} : { secureBoot }),
    ...(health === undefined || health === node.health ? {} : { health }),
  }
  return Object.keys(facts).length > 0 ? facts : null
}

/** An answer; nothing from a driver that cannot tell or fails to. */
async function ask<T>(task: NodeTask, read: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof UnsupportedDriverExtension)) {
      task.ctx.log.conductor.warn(
        { error, node: task.node.uuid },
        'a fact about the machine is not to be had',
      )
    }
    return undefined
  }
}

/** The columns that facts change. */
export function changesOf(row: NodeRow, { vendor, ...others }: Facts): NodeUpdate {
  return vendor === undefined ? others : { ...others, properties: { ...row.properties, vendor } }
}

/** What the history tells of a change of health; null when it did not change. */
export function healthEvent(row: NodeRow, { health }: Facts): HistoryEvent | null {
  if (health === undefined || health === row.health) return null
  const event = `Node health status changed: health='${health ?? 'None'}' (previously '${row.health ?? 'None'}')`
  return { event, eventType: 'monitoring', severity: 'INFO' }
}
