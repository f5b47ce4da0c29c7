import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Caller } from '../../src/conductor/work/caller.js'
import { works } from '../../src/conductor/works.js'
import type { WorkTable } from '../../src/conductor/work/types.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'
import type { AppContext } from '../../src/context.js'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { Driver } from '../../src/drivers/interfaces.js'
import { bmcScheduler } from '../../src/drivers/bmc/scheduler.js'
import { createDriverRegistry, type DriverRegistry } from '../../src/drivers/registry.js'
import { createBmcScheduler } from '../../src/protocols/bmc/scheduler.js'
import { Services } from '../../src/services.js'
import { JumpingClock } from './_clock.js'
import { ListQueue } from './_queue.js'
import { scannedLog } from '../_util/scanned-log.js'

export const noSignal = new AbortController().signal

export const someone: Caller = {
  requestId: 'req-1',
  userId: 'user-1',
  projectId: 'project-1',
  signal: noSignal,
}

export interface Bed extends AppContext {
  readonly clock: JumpingClock
  readonly queue: ListQueue
}

/** A context over a database, as one process has it. */
export async function testBed(
  db: Database,
  options: {
    drivers?: DriverRegistry
    config?: ConfigOverrides
    host?: string
    clock?: JumpingClock
  } = {},
): Promise<Bed> {
  const host = options.host ?? 'conductor-1'
  const log = scannedLog()
  const ctx: Bed = {
    config: defaultConfig(options.config),
    clock: options.clock ?? new JumpingClock(),
    log,
    db,
    queue: new ListQueue(),
    drivers: options.drivers ?? noDrivers,
    processId: randomUUID(),
    host,
    services: new Services(log),
  }
  aloneWithBmcs(ctx)
  await db.orm.insert(schema.processes).values({
    id: ctx.processId,
    host,
    roles: 'conductor',
    startedAt: ctx.clock.now(),
    heartbeatAt: ctx.clock.now(),
  })
  return ctx
}

/** A context with other parts: another process, or one that something happens to. */
export function likeBed(ctx: Bed, parts: Partial<Bed>): Bed {
  const other = { ...ctx, services: new Services(ctx.log), ...parts }
  aloneWithBmcs(other)
  return other
}

/** No other process speaks to its BMCs: leases on them last for real time, which a clock that jumps has not. */
function aloneWithBmcs(ctx: Bed): void {
  ctx.services.provide(bmcScheduler, createBmcScheduler({ clock: ctx.clock, tenures: undefined }))
}

/** The registry with the real fake driver. */
export async function fakeDrivers(config?: ConfigOverrides): Promise<DriverRegistry> {
  return await createDriverRegistry(defaultConfig(config), scannedLog().drivers)
}

/** A registry whose drivers are changed a little. */
export function withDriver(
  real: DriverRegistry,
  change: (driver: Driver) => Driver,
): DriverRegistry {
  const compose: DriverRegistry['compose'] = (node) => change(real.compose(node))
  return new Proxy(real, {
    get(target, name: keyof DriverRegistry) {
      if (name === 'compose') return compose
      const value = target[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** For tests that never reach a driver. */
const noDrivers = {
  compose: () => ({}),
  hardwareTypes: new Map(),
} as unknown as DriverRegistry

/** Registers a conductor that serves fake-hardware. */
export async function registerHost(
  ctx: AppContext,
  hostname = ctx.host,
  group = '',
): Promise<number> {
  const [row] = await ctx.db.orm
    .insert(schema.conductors)
    .values({ hostname, conductorGroup: group, online: true, updatedAt: ctx.clock.now() })
    .returning()
  await ctx.db.orm.insert(schema.conductorHardwareInterfaces).values({
    conductorId: row!.id,
    hardwareType: 'fake-hardware',
    interfaceType: 'power',
    interfaceName: 'fake',
  })
  return row!.id
}

export async function addNode(ctx: AppContext, values: Partial<NodeInsert> = {}): Promise<NodeRow> {
  const [row] = await ctx.db.orm
    .insert(schema.nodes)
    .values({
      uuid: randomUUID(),
      driver: 'fake-hardware',
      provisionState: 'enroll',
      provisionUpdatedAt: ctx.clock.now(),
      ...values,
    })
    .returning()
  return row!
}

export async function nodeOf(ctx: AppContext, id: number): Promise<NodeRow> {
  const [row] = await ctx.db.orm.select().from(schema.nodes).where(eq(schema.nodes.id, id))
  return row!
}

/** Works through the queue until it is empty. */
export async function drain(ctx: Bed, table: WorkTable = works): Promise<void> {
  for (let next = ctx.queue.messages.shift(); next; next = ctx.queue.messages.shift()) {
    await handleTask(ctx, table, next.taskId, noSignal)
  }
}

/** Every interface of a node on the fake driver. */
export const allFake = {
  biosInterface: 'fake',
  bootInterface: 'fake',
  consoleInterface: 'fake',
  deployInterface: 'fake',
  firmwareInterface: 'fake',
  inspectInterface: 'fake',
  managementInterface: 'fake',
  networkInterface: 'noop',
  powerInterface: 'fake',
  raidInterface: 'fake',
  rescueInterface: 'fake',
  storageInterface: 'noop',
  vendorInterface: 'fake',
}
