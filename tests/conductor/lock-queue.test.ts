import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { acceptHeartbeat } from '../../src/conductor/ramdisk/heartbeat.js'
import { works } from '../../src/conductor/works.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import { recover } from '../../src/conductor/cluster/recovery.js'
import { acquire, release } from '../../src/conductor/lock/reservation.js'
import { withNode, type WithNodeOptions } from '../../src/conductor/node/with-node.js'
import type { AppContext } from '../../src/context.js'
import * as schema from '../../src/db/schema/index.js'
import type { NodeRow } from '../../src/db/rows.js'
import type { Database } from '../../src/db/types.js'
import { NodeLocked } from '../../src/errors.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  nodeOf,
  noSignal,
  registerHost,
  someone,
  testBed,
  withDriver,
  type Bed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry
let bed: Bed
let node: NodeRow
let beats: number

beforeAll(async () => {
  db = await testDatabase()
  drivers = withDriver(await fakeDrivers(), (driver) => ({
    ...driver,
    deploy: {
      ...driver.deploy,
      heartbeat: () => {
        beats++
        return Promise.resolve('wait')
      },
    },
  }))
})
afterAll(async () => db.close())
beforeEach(async () => {
  for (const table of [schema.nodes, schema.tasks, schema.conductors, schema.processes]) {
    await db.orm.delete(table)
  }
  beats = 0
  // So long that nobody gets the lock in time who is not woken.
  const config = { conductor: { node_locked_retry_interval: 20 } }
  bed = await testBed(db, { drivers, config })
  bed.clock.advance(Date.now() - bed.clock.now().getTime())
  await registerHost(bed)
  node = await addNode(bed, allFake)
})

/** As one of several processes has it, with a clock that runs. */
const process = (): AppContext => ({ ...bed, clock: systemClock })
const waiters = () => db.orm.select().from(schema.lockWaiters)
const hold = (purpose = 'holding') =>
  acquire(process(), node.id, { purpose, retry: false, signal: noSignal })
const queued = (count: number) =>
  vi.waitFor(async () => expect(await waiters()).toHaveLength(count), { timeout: 5_000 })

describe('those who wait for a node', () => {
  it('get it at once when it is given back, the most urgent first, then in the order they came', async () => {
    const { held } = await hold()
    const order: string[] = []
    const enter = (purpose: string, more: Partial<WithNodeOptions> = {}) =>
      withNode(process(), someone, node.id, { purpose, ...more }, async () => {
        order.push(purpose)
        await delay(20)
      })
    const all: Promise<void>[] = []
    const asking = [
      ['heartbeat', { priority: 'heartbeat' }],
      ['first request', {}],
      ['second request', {}],
      ['verb', { priority: 'verb' }],
    ] as const
    for (const [index, [purpose, more]] of asking.entries()) {
      all.push(enter(purpose, more))
      await queued(index + 1)
    }
    const begun = Date.now()
    await release(process(), held)
    await Promise.all(all)
    expect(order).toEqual(['verb', 'first request', 'second request', 'heartbeat'])
    expect(Date.now() - begun).toBeLessThan(10_000)
    expect(await waiters()).toEqual([])
    expect((await nodeOf(bed, node.id)).reservation).toBeNull()
  })

  it('are not passed by periodic work that does not wait', async () => {
    const { held } = await hold()
    const first = withNode(process(), someone, node.id, { purpose: 'a request' }, () =>
      Promise.resolve('served'),
    )
    await queued(1)
    await db.orm.update(schema.nodes).set({ reservation: null })
    await expect(hold('power sync')).rejects.toBeInstanceOf(NodeLocked)
    await release(process(), held)
    expect(await first).toBe('served')
  })

  it('leave the queue when they give up, and one who died is passed', async () => {
    await hold()
    const stop = new AbortController()
    const gone = withNode(
      process(),
      { ...someone, signal: stop.signal },
      node.id,
      { purpose: 'impatient' },
      () => Promise.resolve(),
    )
    await queued(1)
    stop.abort()
    await expect(gone).rejects.toThrow('aborted')
    await queued(0)
    const past = new Date(Date.now() - 1_000)
    const id = '5d2f7b9c-3d0e-4b60-9f1c-0c8f7f4f6a11'
    const dead = { id, nodeId: node.id, rank: 0, since: past, until: past, purpose: 'dead' }
    await db.orm.insert(schema.lockWaiters).values(dead)
    await db.orm.update(schema.nodes).set({ reservation: null })
    await hold('next')
    await recover({ ...bed, clock: systemClock }, noSignal)
    expect(await waiters()).toEqual([])
  })

  it('are told who has the node, since when and why, and when to come again', async () => {
    await hold('a deployment')
    const refused = withNode(bed, someone, node.id, { purpose: 'late' }, () => Promise.resolve())
    const error = await refused.catch((e: unknown) => e)
    expect(error).toMatchObject({
      status: 409,
      message: `Node ${node.uuid} is locked by host conductor-1, please retry after the current operation is completed.`,
      headers: { 'Retry-After': '20', 'Ferric-Locked-For': 'a deployment' },
    })
    expect(bed.clock.slept).toEqual([20_000, 20_000])
  })
})

describe('heartbeats of a locked node', () => {
  const beat = (n: number) => ({
    callbackUrl: `https://192.0.2.1:9999/${n}`,
    token: 'secret',
    version: '9.9',
  })

  it('wait for it, one of each node, and the last one counts', async () => {
    const info = { agent_secret_token: 'secret' }
    const values = { ...allFake, provisionState: 'wait call-back', driverInternalInfo: info }
    node = await addNode(bed, values)
    const { held } = await acquire(bed, node.id, { purpose: 'x', retry: false, signal: noSignal })
    const row = await nodeOf(bed, node.id)
    await acceptHeartbeat(bed, someone, row, beat(1))
    await acceptHeartbeat(bed, someone, row, beat(2))
    expect(await db.orm.select().from(schema.tasks)).toHaveLength(1)
    const [message] = bed.queue.messages
    bed.queue.messages.length = 0
    await handleTask(bed, works, message!.taskId, noSignal)
    expect(beats).toBe(0)
    expect(await db.orm.select().from(schema.tasks)).toMatchObject([
      { state: 'queued', attempts: 0 },
    ])
    await release(bed, held)
    bed.clock.advance(600)
    expect(bed.queue.messages.map((m) => m.taskId)).toEqual([message?.taskId])
    await drain(bed)
    expect(beats).toBe(1)
    expect((await nodeOf(bed, node.id)).driverInternalInfo).toMatchObject({
      agent_url: 'https://192.0.2.1:9999/2',
    })
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
  })

  it('wait for the end of the step that makes the node wait for them', async () => {
    const info = { agent_secret_token: 'secret' }
    const values = { ...allFake, provisionState: 'deploying', driverInternalInfo: info }
    node = await addNode(bed, values)
    const { held } = await acquire(bed, node.id, { purpose: 'x', retry: false, signal: noSignal })
    await acceptHeartbeat(bed, someone, await nodeOf(bed, node.id), beat(1))
    const [message] = bed.queue.messages.splice(0)
    await handleTask(bed, works, message!.taskId, noSignal)
    await db.orm.update(schema.nodes).set({ provisionState: 'wait call-back' })
    await release(bed, held)
    bed.clock.advance(600)
    await drain(bed)
    expect(beats).toBe(1)
  })

  it('are only recorded when the step goes on after them, and not for long', async () => {
    const info = { agent_secret_token: 'secret' }
    const values = { ...allFake, provisionState: 'cleaning', driverInternalInfo: info }
    node = await addNode(bed, values)
    const { held } = await acquire(bed, node.id, { purpose: 'x', retry: false, signal: noSignal })
    const row = await nodeOf(bed, node.id)
    await acceptHeartbeat(bed, someone, row, beat(1))
    bed.clock.advance(10_000)
    await drain(bed)
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
    await acceptHeartbeat(bed, someone, row, beat(2))
    await release(bed, held)
    await drain(bed)
    expect(beats).toBe(0)
    expect((await nodeOf(bed, node.id)).driverInternalInfo).toMatchObject({
      agent_url: 'https://192.0.2.1:9999/2',
    })
  })
})
