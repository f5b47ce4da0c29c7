import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { transitions } from '../../metrics.js'
import { recordEvent, recordEventAt, type TimelineEvent } from '../../timeline.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeRow, PortRow, PortgroupRow } from '../../db/rows.js'
import { nodeTraits, portgroups, ports } from '../../db/schema/index.js'
import type {
  DeployInterface,
  Driver,
  PowerTarget,
  MutableNode,
  Task,
} from '../../drivers/interfaces.js'
import { Forbidden } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { historyRow, type HistoryEvent, type HistoryInsert } from './history.js'
import { applyEvent, type TransitionOptions } from '../state/machine.js'
import { NodeSnapshot } from './changes.js'
import type { LockPriority } from '../lock/queue.js'
import { writeNode, type Pending, type TaskInsert } from './writes.js'
import { acquire, readNode, type Held } from '../lock/reservation.js'
import type { Event } from '../state/states.js'
import { announce } from '../work/tasks.js'

export interface NodeTaskParts {
  readonly row: NodeRow
  /** Null: shared. */
  readonly held: Held | null
  readonly taskId?: string
  /** Tries since the work last made progress, this one included. */
  readonly attempt?: number
}

/** Changes the power state of a task's node; `nodeTask` (with-node.ts) injects it. */
export type ChangePower = (
  task: NodeTask,
  target: PowerTarget,
  timeoutSeconds?: number,
) => Promise<void>

/**
 * Work on one node. Changes to `node`, transitions and history gather in memory and reach the
 * database together: at `save`, `spawn`, or when the reservation is given back.
 */
export class NodeTask implements Task {
  readonly ctx: AppContext
  readonly caller: Caller
  readonly node: MutableNode
  readonly taskId: string | null
  #attempt: number
  #advanced = false
  readonly #changePower: ChangePower
  #held: Held | null
  #handedOver = false
  /** Null for a shared task, whose changes are never stored. */
  #snapshot: NodeSnapshot | null
  #history: HistoryInsert[] = []
  /** Recorded once the changes that they describe are stored. */
  #timeline: { event: TimelineEvent; at: Date }[] = []
  #driver: Driver | null = null

  constructor(ctx: AppContext, caller: Caller, parts: NodeTaskParts, changePower: ChangePower) {
    this.ctx = ctx
    this.caller = caller
    this.#changePower = changePower
    this.node = { ...parts.row }
    this.#snapshot = parts.held === null ? null : new NodeSnapshot(parts.row)
    this.#held = parts.held
    this.taskId = parts.taskId ?? null
    this.#attempt = parts.attempt ?? 1
  }

  /** Tries since the work last made progress, this one included. */
  get attempt(): number {
    return this.#attempt
  }
  get signal(): AbortSignal {
    return this.caller.signal
  }
  get shared(): boolean {
    return this.#held === null
  }
  get unattended(): boolean {
    return this.shared && this.caller.requestId === ''
  }
  /** The reservation went to a background task, and this task may change nothing any more. */
  get handedOver(): boolean {
    return this.#handedOver
  }
  get held(): Held | null {
    return this.#held
  }

  /** The node's driver. @throws DriverNotFound, Invalid */
  get driver(): Driver {
    this.#driver ??= this.ctx.drivers.compose(this.node)
    return this.#driver
  }
  /** Composes the driver now, so that its errors precede the work. */
  loadDriver(): Driver {
    return this.driver
  }
  /** Composes the driver again after `instance_info` or an interface column changed. */
  resetDriver(): void {
    this.#driver = null
  }
  deployInterface(name: string): DeployInterface {
    return this.ctx.drivers.implementation('deploy', name)
  }

  /**
   * Takes the lock and reads the node again. Unsaved changes are lost.
   * @throws NodeLocked
   */
  async upgrade(
    purpose: string,
    options: { retry?: boolean; priority?: LockPriority } = {},
  ): Promise<void> {
    if (this.#held !== null) return
    const taken = await acquire(this.ctx, this.node.id, {
      purpose,
      signal: this.signal,
      ...options,
      ...(this.taskId === null ? {} : { taskId: this.taskId }),
    })
    this.#held = taken.held
    this.#adopt(taken.row)
  }

  /** Reads the node again. Unsaved changes are lost. */
  async refresh(): Promise<void> {
    this.#adopt(await readNode(this.ctx, this.node.id))
  }

  #adopt(row: NodeRow): void {
    Object.assign(this.node, row)
    this.#takeSnapshot()
    this.#driver = null
  }

  /**
   * Moves the node along the state machine (machine.ts). Written with the next save.
   * @throws InvalidState
   */
  transition(event: Event, options: TransitionOptions = {}): void {
    this.requireExclusive()
    const from = this.node.provisionState
    applyEvent(this.node, event, this.ctx.clock.now(), options)
    this.advance()
    transitions.inc({ state: this.node.provisionState })
    this.ctx.log.conductor.info(
      { node: this.node.uuid, event, from, to: this.node.provisionState },
      'node changes its provision state',
    )
    const target = this.node.targetProvisionState
    const summary = `${from} -> ${this.node.provisionState}`
    this.#note('state', summary, { event, from, to: this.node.provisionState, target })
  }

  #note(kind: TimelineEvent['kind'], summary: string, detail: JsonObject): void {
    const by = { request: this.caller.requestId, user: this.caller.userId }
    const event = { ...detail, ...by, nodeUuid: this.node.uuid, kind, summary }
    this.#timeline.push({ event, at: this.ctx.clock.now() })
  }

  /** Records progress: the next save sets the number of tries back. */
  advance(): void {
    this.#advanced = this.#attempt > 1
  }

  /** Adds an entry to the node's timeline at once, whether or not the changes are ever stored. */
  tell(kind: TimelineEvent['kind'], summary: string, detail: JsonObject = {}): void {
    recordEvent(this.ctx, { ...detail, nodeUuid: this.node.uuid, kind, summary })
  }

  /** Adds a row to the node's history, with the states as they are now. */
  history(event: HistoryEvent): void {
    if (this.ctx.config.conductor.node_history) {
      this.#history.push(historyRow(this.ctx, this.caller, this.node, event))
    }
  }

  /** Sets `last_error` and records it in the history. */
  recordError(event: string, eventType = 'UNKNOWN'): void {
    this.node.lastError = event
    this.history({ event, eventType, severity: 'ERROR' })
    this.#note('error', event, { type: eventType })
  }

  /** Records an error and moves the node with `fail`. */
  fail(event: string, options: TransitionOptions & { eventType?: string } = {}): void {
    const { eventType, ...transition } = options
    this.recordError(event, eventType)
    this.transition('fail', transition)
  }

  async save(): Promise<void> {
    this.requireExclusive()
    const pending = this.#pending()
    if (isEmpty(pending) && !this.#advanced) return
    const advances = this.#advanced && this.taskId !== null ? { advanceTask: this.taskId } : {}
    await writeNode(this.ctx, this.#held, pending, advances)
    if (this.#advanced) this.#attempt = 1
    this.#advanced = false
    this.#stored()
  }

  /** Saves, releases the reservation and removes the task row, if any, in one statement. */
  async finish(): Promise<void> {
    if (this.#held === null || this.#handedOver) return
    await writeNode(this.ctx, this.#held, this.#pending(), {
      release: true,
      ...(this.taskId === null ? {} : { removeTask: this.taskId }),
    })
    this.#held = null
    this.#stored()
  }

  /** Records that the row was deleted, and the reservation with it. */
  gone(): void {
    this.requireExclusive()
    this.#held = null
  }

  /**
   * Stores the changes together with a background task that takes over the reservation, then
   * announces the background task. A shared task stores nothing but the background task.
   * @param kind a key of `background/index.ts`
   */
  async spawn(kind: string, args: JsonObject = {}): Promise<string> {
    const task: TaskInsert = {
      id: randomUUID(),
      kind,
      args,
      queue: queueOf(this.node),
      caller: this.caller,
      node: this.node.id,
    }
    await writeNode(this.ctx, this.#held, this.#held === null ? null : this.#pending(), {
      insertTask: task,
      ...(this.taskId === null ? {} : { removeTask: this.taskId }),
    })
    this.#handedOver = this.#held !== null
    this.#stored()
    announce(this.ctx, task.queue, task.id)
    return task.id
  }

  /** @throws Forbidden as upstream's ExclusiveLockRequired */
  requireExclusive(): void {
    if (this.#held !== null && !this.#handedOver) return
    throw new Forbidden('An exclusive lock is required, but the current context has a shared lock.')
  }

  /** Drops unsaved changes, because the verb was refused. */
  discard(): void {
    this.#history = []
    this.#timeline = []
    this.#takeSnapshot()
  }

  #takeSnapshot(): void {
    const isOurs = this.#held !== null && !this.#handedOver
    this.#snapshot = isOurs ? new NodeSnapshot(this.node) : null
  }
  #pending(): Pending {
    return { changes: this.#snapshot?.changes(this.node) ?? {}, history: this.#history }
  }
  #stored(): void {
    for (const { event, at } of this.#timeline) recordEventAt(this.ctx, event, at)
    this.#timeline = []
    this.#history = []
    this.#takeSnapshot()
  }

  async powerAction(target: PowerTarget, timeoutSeconds?: number): Promise<void> {
    await this.#changePower(this, target, timeoutSeconds)
  }

  async ports(): Promise<PortRow[]> {
    return await this.ctx.db.orm.select().from(ports).where(eq(ports.nodeId, this.node.id))
  }
  async portgroups(): Promise<PortgroupRow[]> {
    return await this.ctx.db.orm
      .select()
      .from(portgroups)
      .where(eq(portgroups.nodeId, this.node.id))
  }
  async traits(): Promise<string[]> {
    const rows = await this.ctx.db.orm
      .select({ trait: nodeTraits.trait })
      .from(nodeTraits)
      .where(eq(nodeTraits.nodeId, this.node.id))
    return rows.map((t) => t.trait)
  }
}

function isEmpty(pending: Pending): boolean {
  return Object.keys(pending.changes).length === 0 && pending.history.length === 0
}

/** The queue of a node's conductor group and driver. */
export function queueOf(node: Pick<NodeRow, 'conductorGroup' | 'driver'>): string {
  return `conductor:${node.conductorGroup}:${node.driver ?? ''}`
}
