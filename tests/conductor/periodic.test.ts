import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  purgeHistory,
  removeStaleConductors,
  takeOverNodes,
} from '../../src/conductor/periodic/housekeeping.js'
import { restoreConsoles } from '../../src/conductor/periodic/consoles.js'
import { recoverAll } from '../../src/conductor/periodic/power-recovery.js'
import { syncAll } from '../../src/conductor/periodic/power-sync.js'
import { startPeriodics } from '../../src/conductor/periodic/schedule.js'
import { timeoutPeriodics } from '../../src/conductor/periodic/timeouts.js'
import { conductorId, registerConductor } from '../../src/conductor/cluster/registration.js'
import type { NodeInsert } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { PowerState } from '../../src/drivers/interfaces.js'
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
  testBed,
  withDriver,
  type Bed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry
let ctx: Bed
let machine: PowerState | Error = 'power on'

beforeAll(async () => {
  db = await testDatabase()
  drivers = withDriver(await fakeDrivers(), (driver) => ({
    ...driver,
    power: {
      ...driver.power,
      getPowerState: () =>
        machine instanceof Error ? Promise.reject(machine) : Promise.resolve(machine),
      setPowerState: (_task, target) => {
        machine = target === 'power on' ? 'power on' : 'power off'
        return Promise.resolve()
      },
    },
  }))
})
afterAll(async () => db.close())
beforeEach(async () => {
  machine = 'power on'
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  await db.orm.delete(schema.conductors)
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
})

const node = (values: Partial<NodeInsert>) => addNode(ctx, { ...allFake, ...values })

describe('time-outs', () => {
  const long = 1801_000
  it.each([
    [
      'wait call-back',
      'deploy failed',
      'active',
      'Timeout reached while waiting for callback for node',
    ],
    ['clean wait', 'clean failed', 'manageable', 'Timeout reached while cleaning the node.'],
    ['service wait', 'service failed', 'active', 'Timeout reached while servicing the node.'],
    ['rescue wait', 'rescue failed', 'rescue', 'Timeout reached while waiting for rescue ramdisk'],
    ['inspect wait', 'inspect failed', 'manageable', 'Timeout reached while inspecting the node.'],
  ])('%s ends in %s', async (provisionState, failed, targetProvisionState, text) => {
    const at = ctx.clock.now()
    const row = await node({ provisionState, targetProvisionState, inspectionStartedAt: at })
    const spared = await node({ provisionState, targetProvisionState, maintenance: true })
    const run = async () => {
      for (const p of timeoutPeriodics(ctx)) await p.run(ctx, noSignal)
      await drain(ctx)
    }
    await run()
    expect((await nodeOf(ctx, row.id)).provisionState).toBe(provisionState)
    ctx.clock.advance(long)
    await db.orm.update(schema.conductors).set({ updatedAt: ctx.clock.now() })
    await run()
    expect(await nodeOf(ctx, row.id)).toMatchObject({
      provisionState: failed,
      targetProvisionState,
      reservation: null,
      lastError: expect.stringContaining(text),
    })
    expect((await nodeOf(ctx, spared.id)).provisionState).toBe(provisionState)
  })
})

describe('the power sync', () => {
  it('notes a state that was not known, and leaves locked nodes alone', async () => {
    const fresh = await node({ provisionState: 'available' })
    const busy = await node({ provisionState: 'available', reservation: 'conductor-1' })
    await syncAll(ctx, new Map(), noSignal)
    expect((await nodeOf(ctx, fresh.id)).powerState).toBe('power on')
    expect((await nodeOf(ctx, busy.id)).powerState).toBeNull()
  })

  it('clears last_error when all is well', async () => {
    const row = await node({ provisionState: 'active', powerState: 'power on', lastError: 'old' })
    await syncAll(ctx, new Map(), noSignal)
    expect(await nodeOf(ctx, row.id)).toMatchObject({ lastError: null, reservation: null })
  })

  it('sets the machine to what the database says', async () => {
    const row = await node({ provisionState: 'active', powerState: 'power off' })
    await syncAll(ctx, new Map(), noSignal)
    expect(machine).toBe('power off')
    expect((await nodeOf(ctx, row.id)).powerState).toBe('power off')
  })

  it('puts a node that does not answer into maintenance at the fourth failure, until it does', async () => {
    const row = await node({ provisionState: 'active', powerState: 'power on' })
    const failures = new Map<number, number>()
    machine = new Error('no route to host')
    for (let i = 0; i < 3; i++) await syncAll(ctx, failures, noSignal)
    expect((await nodeOf(ctx, row.id)).maintenance).toBe(false)
    await syncAll(ctx, failures, noSignal)
    const text = `During sync_power_state, max retries exceeded for node ${row.uuid}, node state None does not match expected state 'power on'. Updating DB state to 'None' Switching node to maintenance mode. Error: no route to host`
    expect(await nodeOf(ctx, row.id)).toMatchObject({
      maintenance: true,
      fault: 'power failure',
      powerState: null,
      maintenanceReason: text,
      lastError: text,
      reservation: null,
    })
    await recoverAll(ctx, noSignal)
    expect((await nodeOf(ctx, row.id)).maintenance).toBe(true)
    machine = 'power off'
    await recoverAll(ctx, noSignal)
    expect(await nodeOf(ctx, row.id)).toMatchObject({
      maintenance: false,
      maintenanceReason: null,
      fault: null,
      powerState: 'power off',
      reservation: null,
    })
  })
})

describe('housekeeping', () => {
  it('takes over active nodes that were another conductor’s', async () => {
    const gone = await registerHost({ ...ctx, host: 'gone' })
    await db.orm
      .update(schema.conductors)
      .set({ online: false })
      .where(eq(schema.conductors.id, gone))
    const row = await node({ provisionState: 'active', conductorAffinity: gone })
    await takeOverNodes(ctx, noSignal)
    await drain(ctx)
    expect(await nodeOf(ctx, row.id)).toMatchObject({
      conductorAffinity: await conductorId(ctx),
      reservation: null,
    })
  })

  it('keeps the newest history rows of each node', async () => {
    const [a, b] = [await node({}), await node({})]
    const bed = await testBed(db, {
      drivers,
      config: { conductor: { node_history_max_entries: 3 } },
    })
    for (let i = 0; i < 5; i++) {
      for (const { id } of i < 2 ? [a, b] : [a]) {
        const uuid = crypto.randomUUID()
        await db.orm.insert(schema.nodeHistory).values({ uuid, nodeId: id, event: `event ${i}` })
      }
    }
    await purgeHistory(bed)
    const left = await db.orm.select().from(schema.nodeHistory)
    const of = (id: number) => left.filter((h) => h.nodeId === id).map((h) => h.event)
    expect(of(a.id)).toEqual(['event 2', 'event 3', 'event 4'])
    expect(of(b.id)).toEqual(['event 0', 'event 1'])
  })

  it('removes conductors that have been gone for two weeks', async () => {
    await registerHost({ ...ctx, host: 'old' })
    ctx.clock.advance(1_209_601_000)
    await removeStaleConductors(ctx)
    const left = await db.orm.select().from(schema.conductors)
    expect(left.map((c) => c.hostname)).toEqual(['conductor-1'])
  })
})

describe('periodic tasks', () => {
  it('run at their interval, never twice at once, and go on after a failure', async () => {
    let running = 0
    let most = 0
    let runs = 0
    let enough!: () => void
    const done = new Promise<void>((resolve) => (enough = resolve))
    const stop = startPeriodics(ctx, [
      {
        name: 'counter',
        interval: 60,
        async run(context) {
          most = Math.max(most, ++running)
          await context.clock.sleep(90_000)
          running--
          if (++runs === 5) enough()
          if (runs === 2) throw new Error('once')
        },
      },
      { name: 'off', interval: 0, run: () => Promise.reject(new Error('never')) },
    ])
    await done
    await stop()
    expect(most).toBe(1)
    const waits = ctx.clock.slept.filter((ms) => ms !== 90_000)
    expect(waits.every((ms) => ms >= 54_000 && ms <= 66_000)).toBe(true)
  })
})

describe('what else the power sync learns', () => {
  it('is kept, and a change of health is told', async () => {
    const watched = withDriver(drivers, (driver) => ({
      ...driver,
      management: {
        ...driver.management,
        detectVendor: () => Promise.resolve('acme'),
        getBootMode: () => Promise.resolve('uefi'),
        getHealth: () => Promise.resolve('Warning'),
      },
    }))
    const bed = await testBed(db, { drivers: watched })
    const row = await node({ provisionState: 'active', powerState: 'power on', health: 'OK' })
    await syncAll(bed, new Map(), noSignal)
    expect(await nodeOf(ctx, row.id)).toMatchObject({
      properties: { vendor: 'acme' },
      bootMode: 'uefi',
      health: 'Warning',
      reservation: null,
    })
    const [told] = await db.orm.select().from(schema.nodeHistory)
    expect(told).toMatchObject({
      event: "Node health status changed: health='Warning' (previously 'OK')",
      eventType: 'monitoring',
      severity: 'INFO',
    })
  })
})

describe('consoles', () => {
  it('that were on are started again; one that cannot be is off', async () => {
    const good = await node({ provisionState: 'active', consoleEnabled: true })
    const bad = await node({ provisionState: 'active', consoleEnabled: true })
    const broken = withDriver(drivers, (driver) => ({
      ...driver,
      console: {
        ...driver.console,
        startConsole: (task) =>
          task.node.id === bad.id ? Promise.reject(new Error('no tty')) : Promise.resolve(),
      },
    }))
    await restoreConsoles(await testBed(db, { drivers: broken }), noSignal)
    expect(await nodeOf(ctx, good.id)).toMatchObject({ consoleEnabled: true, lastError: null })
    expect(await nodeOf(ctx, bad.id)).toMatchObject({
      consoleEnabled: false,
      reservation: null,
      lastError: expect.stringContaining(
        'so changing the console_enabled status to False, error: no tty',
      ),
    })
  })

  it('of a node that work goes on with are started when that is over', async () => {
    const busy = await node({ consoleEnabled: true, reservation: 'conductor-1' })
    const started: number[] = []
    const noting = withDriver(drivers, (driver) => ({
      ...driver,
      console: {
        ...driver.console,
        startConsole: (task) => Promise.resolve(void started.push(task.node.id)),
      },
    }))
    const bed = await testBed(db, { drivers: noting })
    const waits: number[] = []
    const clock = {
      now: () => bed.clock.now(),
      sleep: async (ms: number) => {
        waits.push(ms)
        expect(started).toEqual([])
        if (waits.length < 3) return
        await db.orm.update(schema.nodes).set({ reservation: null })
      },
    }
    await restoreConsoles({ ...bed, clock }, noSignal)
    expect(started).toEqual([busy.id])
    expect(waits.length).toBe(3)
  })
})
