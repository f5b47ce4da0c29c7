import type { NodeTask } from '../../node/task.js'
import type { Plain } from '../plain.js'

/** What hooks work on: the node changes in memory, ports are stored at once. */
export interface HookRun {
  readonly task: NodeTask
  readonly inventory: Plain
  readonly pluginData: Plain
}

/** One step of working on inspection data (docs/reference/conductor.md 13.5). */
export interface Hook {
  readonly name: string
  /** Hooks that must come before. */
  readonly needs?: readonly string[]
  /** Runs before any hook's `run`. Throws what the inspection fails with. */
  preprocess?(run: HookRun): void
  run?(run: HookRun): void | Promise<void>
}

/** The inventory cannot be used (upstream's InvalidNodeInventory). */
export class InvalidInventory extends Error {
  override readonly name = 'InvalidNodeInventory'
  constructor({ task }: HookRun, reason: string) {
    super(`Inventory for node ${task.node.uuid} is invalid: ${reason}`)
  }
}

/** Sets one of the node's properties. */
export function setProperty({ task }: HookRun, name: string, value: unknown): void {
  task.node.properties = { ...task.node.properties, [name]: value }
}

/** Puts capabilities in the place of those of the same name. */
export function setCapabilities(run: HookRun, wanted: Readonly<Record<string, string>>): void {
  const listed = run.task.node.properties?.['capabilities']
  const pairs = typeof listed === 'string' ? listed.split(',').filter((c) => c.includes(':')) : []
  const known = new Map(
    pairs.map((p) => [p.slice(0, p.indexOf(':')), p.slice(p.indexOf(':') + 1)] as const),
  )
  for (const [name, value] of Object.entries(wanted)) known.set(name, value)
  setProperty(run, 'capabilities', [...known].map(([n, v]) => `${n}:${v}`).join(','))
}
