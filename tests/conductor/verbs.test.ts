import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { heartbeatFlow } from '../../src/conductor/ramdisk/heartbeat-flow.js'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { clean } from '../../src/conductor/verbs/clean.js'
import { deploy } from '../../src/conductor/verbs/deploy.js'
import { inspect } from '../../src/conductor/verbs/inspect.js'
import {
  abortNode,
  adoptNode,
  manageNode,
  provideNode,
  unholdNode,
} from '../../src/conductor/verbs/provisioning-action.js'
import { rescue, unrescue } from '../../src/conductor/verbs/rescue.js'
import { service } from '../../src/conductor/verbs/service.js'
import { tearDown } from '../../src/conductor/verbs/tear-down.js'
import { changePowerState } from '../../src/conductor/verbs/power.js'
import { withNode } from '../../src/conductor/node/with-node.js'
import type { NodeRow } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import type { DriverRegistry } from '../../src/drivers/registry.js'
import { testDatabase } from '../_util/database.js'
import {
  addNode,
  allFake,
  drain,
  fakeDrivers,
  nodeOf,
  someone,
  testBed,
  type Bed,
} from './_harness.js'

let db: Database
let drivers: DriverRegistry
let ctx: Bed

beforeAll(async () => {
  db = await testDatabase()
  drivers = await fakeDrivers()
})
afterAll(async () => db.close())
beforeEach(async () => {
  await db.orm.delete(schema.nodes)
  await db.orm.delete(schema.tasks)
  await db.orm.delete(schema.processes)
  ctx = await testBed(db, { drivers })
  await registerConductor(ctx)
})

async function nodeIn(provisionState: string, more: Partial<NodeRow> = {}): Promise<NodeRow> {
  return await addNode(ctx, { ...allFake, ...more, provisionState })
}
async function after(node: NodeRow): Promise<NodeRow> {
  await drain(ctx)
  return await nodeOf(ctx, node.id)
}
const settled = { reservation: null, lastError: null }

describe('the life of a node on fake hardware', () => {
  it('goes from enroll to active and back, through every stable state', async () => {
    const node = await nodeIn('enroll')
    await manageNode(ctx, someone, node.uuid)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'verifying',
      targetProvisionState: 'manageable',
      reservation: 'conductor-1',
    })
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'manageable' })
    await inspect(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'manageable' })
    await provideNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      ...settled,
      provisionState: 'available',
      targetProvisionState: null,
      driverInternalInfo: { clean_steps: null },
    })
    await deploy(ctx, someone, node.uuid, { configdrive: 'e30=' })
    expect(await after(node)).toMatchObject({
      ...settled,
      provisionState: 'active',
      targetProvisionState: null,
      deployStep: null,
      instanceInfo: { configdrive: 'e30=' },
      driverInternalInfo: { deploy_steps: null },
    })
    await deploy(ctx, someone, node.uuid, { rebuild: true })
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'active' })
    await rescue(ctx, someone, node.uuid, 'open sesame')
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'rescue' })
    await unrescue(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'active' })
    await tearDown(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      ...settled,
      provisionState: 'available',
      instanceInfo: {},
    })
    await manageNode(ctx, someone, node.uuid)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      ...settled,
      provisionState: 'manageable',
    })
    await adoptNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'active' })
    expect(await db.orm.select().from(schema.tasks)).toEqual([])
    expect(await db.orm.select().from(schema.reservations)).toEqual([])
  })

  it.each([
    [{ image_source: 'http://images/disk.qcow2' }, true, 'whole-disk'],
    [{ image_source: 'http://images/root.img', kernel: 'k', ramdisk: 'r' }, false, 'partition'],
  ])('adoption records the type of %j', async (instanceInfo, isWhole, imageType) => {
    const node = await nodeIn('manageable', { instanceInfo })
    await adoptNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      provisionState: 'active',
      driverInternalInfo: { is_whole_disk_image: isWhole },
      instanceInfo: { image_type: imageType },
    })
  })

  it('keeps secrets out of the history', async () => {
    const node = await nodeIn('active')
    await rescue(ctx, someone, node.uuid, 'open sesame')
    await after(node)
    await tearDown(ctx, someone, node.uuid)
    await after(node)
    await deploy(ctx, someone, node.uuid, { configdrive: 'TOPSECRET' })
    await after(node)
    const text = JSON.stringify(await db.orm.select().from(schema.nodeHistory))
    expect(text).toContain('Starting deployment with steps=')
    expect(text).not.toMatch(/sesame|TOPSECRET/)
  })

  it('changes power', async () => {
    const node = await nodeIn('manageable')
    for (const [target, result] of [
      ['power on', 'power on'],
      ['rebooting', 'power on'],
      ['soft power off', 'power off'],
      ['power off', 'power off'],
    ] as const) {
      await changePowerState(ctx, someone, node.uuid, target, null)
      expect(await after(node)).toMatchObject({ powerState: result, targetPowerState: null })
    }
  })
})

const steps = (...names: string[]) => names.map((n) => ({ interface: 'deploy', step: n }))

describe('manual cleaning', () => {
  it('refuses steps that are not known, in clean failed and without maintenance', async () => {
    const node = await nodeIn('manageable')
    await clean(ctx, someone, node.uuid, { steps: steps('nope') })
    expect(await after(node)).toMatchObject({
      reservation: null,
      provisionState: 'clean failed',
      targetProvisionState: 'manageable',
      maintenance: false,
      lastError: `Cannot clean node ${node.uuid}: node does not support this clean step: {'interface': 'deploy', 'step': 'nope'}`,
    })
    await manageNode(ctx, someone, node.uuid)
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: 'manageable',
      lastError: expect.stringContaining('nope'),
    })
  })

  it.each([
    [
      'unexpected arguments',
      [{ interface: 'bios', step: 'factory_reset', args: { x: 1 } }],
      "clean step {'interface': 'bios', 'step': 'factory_reset', 'args': {'x': 1}, 'abortable': False, 'priority': 0} has these unexpected arguments: x",
    ],
    [
      'a second step nobody knows',
      [
        { interface: 'bios', step: 'factory_reset' },
        { interface: 'power', step: 'nope' },
      ],
      "node does not support this clean step: {'interface': 'power', 'step': 'nope'}",
    ],
  ])('shows refused steps as they were asked for: %s', async (_name, list, text) => {
    const node = await nodeIn('manageable')
    await clean(ctx, someone, node.uuid, { steps: list })
    const { driverInternalInfo, lastError } = await after(node)
    expect(driverInternalInfo?.['clean_steps']).toEqual(list)
    expect(lastError).toBe(`Cannot clean node ${node.uuid}: ${text}`)
  })

  it('holds, goes on after unhold, and is aborted on request', async () => {
    const node = await nodeIn('manageable')
    await clean(ctx, someone, node.uuid, { steps: steps('hold') })
    expect(await after(node)).toMatchObject({ provisionState: 'clean hold' })
    await unholdNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({ provisionState: 'clean wait', ...settled })
    await db.orm.update(schema.nodes).set({ cleanStep: { ...steps('hold')[0], abortable: true } })
    await abortNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({
      provisionState: 'clean failed',
      targetProvisionState: 'manageable',
      lastError:
        'By request, the clean operation was aborted during or after the completion of step "deploy.hold"',
    })
  })

  it('runs power steps and pauses in their place', async () => {
    const node = await nodeIn('manageable')
    const list = [
      { interface: 'power', step: 'power_on' },
      { interface: 'power', step: 'wait', args: { seconds: 3 } },
      { interface: 'power', step: 'reboot' },
    ]
    await clean(ctx, someone, node.uuid, { steps: list })
    expect(await after(node)).toMatchObject({
      provisionState: 'manageable',
      powerState: 'power on',
    })
    expect(ctx.clock.slept).toContain(3000)
  })
})

describe('servicing', () => {
  it('runs its steps and leaves the node active', async () => {
    const node = await nodeIn('active')
    await service(ctx, someone, node.uuid, { steps: [{ interface: 'power', step: 'reboot' }] })
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'active' })
  })

  const reset = [{ interface: 'bios', step: 'factory_reset' }]

  it('runs a step of cleaning where no ramdisk boots that could refuse it', async () => {
    const node = await nodeIn('active')
    await service(ctx, someone, node.uuid, { steps: reset })
    expect(await after(node)).toMatchObject({ ...settled, provisionState: 'active', fault: null })
  })

  it('refuses a step of cleaning without a ramdisk, and once the ramdisk runs', async () => {
    const text = 'does not support this service step'
    const node = await nodeIn('active')
    await service(ctx, someone, node.uuid, { steps: reset, disableRamdisk: true })
    expect(await after(node)).toMatchObject({
      provisionState: 'service failed',
      lastError: expect.stringContaining(text),
    })
    const info = { service_steps: reset }
    const waiting = await nodeIn('service wait', { driverInternalInfo: info })
    await withNode(ctx, someone, waiting.id, { purpose: 'a heartbeat' }, async (task) => {
      await heartbeatFlow(task)
      await task.save()
    })
    expect(await nodeOf(ctx, waiting.id)).toMatchObject({
      provisionState: 'service failed',
      lastError: expect.stringContaining(text),
    })
  })

  it('fails on a step nobody knows', async () => {
    const node = await nodeIn('active')
    await service(ctx, someone, node.uuid, { steps: steps('nope'), disableRamdisk: true })
    expect(await after(node)).toMatchObject({
      provisionState: 'service failed',
      lastError: expect.stringContaining('does not support this service step'),
    })
    await abortNode(ctx, someone, node.uuid)
    expect(await after(node)).toMatchObject({ provisionState: 'active', reservation: null })
  })
})

describe('refusals', () => {
  it.each([
    [
      'deploy in maintenance',
      'available',
      { maintenance: true },
      (id: string) => deploy(ctx, someone, id, {}),
      400,
      "The provisioning operation can't be performed on node",
    ],
    [
      'deploy of an active node',
      'active',
      {},
      (id: string) => deploy(ctx, someone, id, {}),
      400,
      'The requested action "deploy" can not be performed on node',
    ],
    [
      'rebuild of a protected node',
      'active',
      { protected: true },
      (id: string) => deploy(ctx, someone, id, { rebuild: true }),
      403,
      'is protected and cannot be undeployed, rebuilt or deleted',
    ],
    [
      'instance traits the node lacks',
      'available',
      { instanceInfo: { traits: ['CUSTOM_A'] } },
      (id: string) => deploy(ctx, someone, id, {}),
      400,
      'is missing traits CUSTOM_A',
    ],
    [
      'tear-down of a protected node',
      'active',
      { protected: true },
      (id: string) => tearDown(ctx, someone, id),
      403,
      'is protected',
    ],
    [
      'cleaning in maintenance',
      'manageable',
      { maintenance: true },
      (id: string) => clean(ctx, someone, id, { steps: steps('x') }),
      400,
      'The cleaning operation',
    ],
    [
      'cleaning an available node',
      'available',
      {},
      (id: string) => clean(ctx, someone, id, { steps: steps('x') }),
      400,
      'The requested action "manual clean"',
    ],
    [
      'a forbidden step',
      'manageable',
      {},
      (id: string) =>
        clean(ctx, someone, id, { steps: [{ interface: 'vendor', step: 'send_raw' }] }),
      400,
      "clean step 'vendor.send_raw' is not allowed. Disallowed by operator configuration [api]disallow_clean_steps.",
    ],
    [
      'providing a retired node',
      'manageable',
      { retired: true },
      (id: string) => provideNode(ctx, someone, id),
      400,
      'because it is retired.',
    ],
    [
      'rescue in maintenance',
      'active',
      { maintenance: true },
      (id: string) => rescue(ctx, someone, id, 'x'),
      400,
      'The rescuing operation',
    ],
    [
      'abort where nothing runs',
      'active',
      {},
      (id: string) => abortNode(ctx, someone, id),
      400,
      'The requested action "abort"',
    ],
  ] as const)('%s', async (_name, state, more, act, status, message) => {
    const node = await nodeIn(state, more)
    await expect(act(node.uuid)).rejects.toMatchObject({
      status,
      message: expect.stringContaining(message),
    })
    expect(await nodeOf(ctx, node.id)).toMatchObject({
      provisionState: state,
      reservation: null,
      instanceInfo: node.instanceInfo,
    })
  })
})
