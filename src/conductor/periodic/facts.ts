import { UnsupportedDriverExtension } from '../../errors.js'
import type { NodeTask } from '../node-task.js'

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
      task.ctx.log.warn(
        { error, node: task.node.uuid },
        'a fact about the machine is not to be had',
      )
    }
    return undefined
  }
}

/** Puts facts on the reserved node; a change of health is told in its history. */
export function noteFacts(task: NodeTask, facts: Facts): void {
  const { node } = task
  const { vendor, health, ...modes } = facts
  if (vendor !== undefined) node.properties = { ...node.properties, vendor }
  Object.assign(node, modes)
  if (health === undefined || health === node.health) return
  const event = `Node health status changed: health='${health ?? 'None'}' (previously '${node.health ?? 'None'}')`
  node.health = health
  task.history({ event, eventType: 'monitoring', severity: 'INFO' })
}
