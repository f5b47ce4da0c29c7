import type { AppContext } from '../../../src/context.js'
import type { ConfigOverrides } from '../../../src/config/index.js'
import { defaultConfig } from '../../../src/config/index.js'
import type { NodeRow, PortRow, PortgroupRow } from '../../../src/db/rows.js'
import { nodes } from '../../../src/db/schema/index.js'
import { getTableColumns } from 'drizzle-orm'
import { bmcScheduler } from '../../../src/drivers/bmc/scheduler.js'
import { createDriverRegistry } from '../../../src/drivers/registry.js'
import type { MutableNode, Task } from '../../../src/drivers/interfaces.js'
import { createBmcScheduler } from '../../../src/protocols/bmc/scheduler.js'
import { Services } from '../../../src/services.js'
import { scannedLog } from '../../_util/scanned-log.js'

export const log = scannedLog()

/** A node row with every column null but those given. */
export function nodeRow(given: Partial<NodeRow> = {}): MutableNode {
  const empty = Object.fromEntries(Object.keys(getTableColumns(nodes)).map((k) => [k, null]))
  return {
    ...(empty as unknown as MutableNode),
    id: 1,
    uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123',
    driver: 'fake-hardware',
    provisionState: 'manageable',
    ...given,
  }
}

export interface TaskParts {
  readonly node?: Partial<NodeRow>
  readonly config?: ConfigOverrides
  readonly ports?: PortRow[]
  readonly portgroups?: PortgroupRow[]
  readonly traits?: string[]
  readonly ctx?: Partial<AppContext>
  readonly now?: Date
}

export interface TestTask extends Task {
  /** Milliseconds of every wait asked for. */
  readonly waits: number[]
}

/** A task on a node that is in no database; waits are recorded and take no time. */
export async function testTask(parts: TaskParts = {}): Promise<TestTask> {
  const config = defaultConfig(parts.config)
  const drivers = await createDriverRegistry(config, log.drivers)
  const node = nodeRow(parts.node)
  const waits: number[] = []
  const clock = {
    now: () => parts.now ?? new Date('2026-01-01T00:00:00Z'),
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted()
      waits.push(ms)
      await Promise.resolve()
    },
  }
  const services = new Services(log)
  const own = { config, clock, log, drivers, host: 'testhost', services }
  const ctx = { ...own, ...parts.ctx } as AppContext
  ctx.services.provide(bmcScheduler, createBmcScheduler({ clock: ctx.clock, tenures: undefined }))
  let driver = drivers.compose(node)
  const task: TestTask = {
    ctx,
    node,
    waits,
    get driver() {
      return driver
    },
    resetDriver: () => {
      driver = drivers.compose(node)
    },
    deployInterface: (name) => drivers.implementation('deploy', name),
    shared: false,
    unattended: false,
    powerAction: (target, timeout) => driver.power.setPowerState(task, target, timeout),
    signal: AbortSignal.timeout(60_000),
    save: () => Promise.resolve(),
    ports: () => Promise.resolve(parts.ports ?? []),
    portgroups: () => Promise.resolve(parts.portgroups ?? []),
    traits: () => Promise.resolve(parts.traits ?? []),
  }
  return task
}
