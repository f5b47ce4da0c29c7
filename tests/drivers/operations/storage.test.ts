import { randomUUID } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  addTraits,
  removeAllTraits,
  removeTrait,
} from '../../../src/conductor/operations/traits.js'
import {
  destroyVolumeConnector,
  destroyVolumeTarget,
  updateVolumeConnector,
  updateVolumeTarget,
} from '../../../src/conductor/operations/volumes.js'
import type { NodeRow } from '../../../src/db/rows.js'
import {
  biosSettings,
  nodeTraits,
  volumeConnectors,
  volumeTargets,
} from '../../../src/db/schema/index.js'
import { fakeBios } from '../../../src/drivers/bios/fake.js'
import { someone } from '../../conductor/_harness.js'
import { testTask } from '../_util/task.js'
import { operationsBed, statusOf, textOf } from './_bed.js'

const bed = operationsBed()

const addConnector = async (node: NodeRow, connectorId: string) => {
  const [row] = await bed.ctx.db.orm
    .insert(volumeConnectors)
    .values({ uuid: randomUUID(), nodeId: node.id, type: 'iqn', connectorId })
    .returning()
  return row!
}
const addTarget = async (node: NodeRow, bootIndex: number) => {
  const [row] = await bed.ctx.db.orm
    .insert(volumeTargets)
    .values({ uuid: randomUUID(), nodeId: node.id, volumeType: 'iscsi', bootIndex })
    .returning()
  return row!
}
const refusal = (action: string, node: NodeRow, state: string) =>
  `The requested action "${action}" can not be performed on node "${node.uuid}" while it is in state "${state}".`

describe('volumes', () => {
  it.each([
    ['power on', 'power on'],
    [null, 'None'],
  ])('do not change while the power is %s', async (powerState, shown) => {
    const { ctx } = bed
    const node = await bed.node({ powerState })
    const connector = await addConnector(node, `iqn-${shown}`)
    const target = await addTarget(node, 0)
    expect(await textOf(updateVolumeConnector(ctx, someone, connector, { extra: {} }))).toBe(
      refusal('volume connector update', node, shown),
    )
    expect(await textOf(updateVolumeTarget(ctx, someone, target, { extra: {} }))).toBe(
      refusal('volume target update', node, shown),
    )
  })

  it('change while the power is off, and name what is taken', async () => {
    const { ctx } = bed
    const node = await bed.node({ powerState: 'power off' })
    await addConnector(node, 'iqn-a')
    const connector = await addConnector(node, 'iqn-b')
    await addTarget(node, 0)
    const target = await addTarget(node, 1)
    expect(
      await updateVolumeConnector(ctx, someone, connector, { connectorId: 'iqn-c' }),
    ).toMatchObject({ connectorId: 'iqn-c', updatedAt: ctx.clock.now() })
    expect(await updateVolumeTarget(ctx, someone, target, { bootIndex: 2 })).toMatchObject({
      bootIndex: 2,
    })
    const again = updateVolumeConnector(ctx, someone, connector, { connectorId: 'iqn-a' })
    expect(await textOf(again)).toBe(
      'A volume connector with type iqn and connector ID iqn-a already exists.',
    )
    expect(await textOf(updateVolumeTarget(ctx, someone, target, { bootIndex: 0 }))).toBe(
      "A volume target with boot index '0' for the same node already exists.",
    )
  })

  it('go while the power is off or the node is only enrolled', async () => {
    const { ctx } = bed
    for (const values of [
      { provisionState: 'enroll', powerState: 'power on' },
      { provisionState: 'active', powerState: 'power off' },
    ]) {
      const node = await bed.node(values)
      const connector = await addConnector(node, `iqn-${values.provisionState}`)
      const target = await addTarget(node, 0)
      await destroyVolumeConnector(ctx, someone, connector)
      await destroyVolumeTarget(ctx, someone, target)
      expect(await statusOf(destroyVolumeTarget(ctx, someone, target))).toBe(404)
    }
    const node = await bed.node({ provisionState: 'active', powerState: 'power on' })
    expect(
      await textOf(destroyVolumeConnector(ctx, someone, await addConnector(node, 'iqn-x'))),
    ).toBe(refusal('volume connector deletion', node, 'power on'))
    expect(await textOf(destroyVolumeTarget(ctx, someone, await addTarget(node, 0)))).toBe(
      refusal('volume target deletion', node, 'power on'),
    )
  })
})

describe('traits', () => {
  const traitsOf = async (node: NodeRow) => {
    const rows = await bed.ctx.db.orm
      .select({ trait: nodeTraits.trait })
      .from(nodeTraits)
      .where(eq(nodeTraits.nodeId, node.id))
      .orderBy(asc(nodeTraits.trait))
    return rows.map((r) => r.trait)
  }

  it('are added, replaced and removed', async () => {
    const { ctx } = bed
    const node = await bed.node()
    await addTraits(ctx, someone, node.uuid, ['CUSTOM_A'])
    await addTraits(ctx, someone, node.uuid, ['CUSTOM_A', 'CUSTOM_B'])
    expect(await traitsOf(node)).toEqual(['CUSTOM_A', 'CUSTOM_B'])
    await addTraits(ctx, someone, node.uuid, ['CUSTOM_C', 'CUSTOM_C', 'CUSTOM_D'], true)
    expect(await traitsOf(node)).toEqual(['CUSTOM_C', 'CUSTOM_D'])
    await removeTrait(ctx, someone, node.uuid, 'CUSTOM_C')
    expect(await textOf(removeTrait(ctx, someone, node.uuid, 'CUSTOM_C'))).toBe(
      `Node ${node.id} doesn't have a trait 'CUSTOM_C'`,
    )
    await removeAllTraits(ctx, someone, node.uuid)
    await removeAllTraits(ctx, someone, node.uuid)
    expect(await traitsOf(node)).toEqual([])
  })

  it('are 50 at most, and too many change nothing', async () => {
    const { ctx } = bed
    const node = await bed.node()
    const many = Array.from({ length: 50 }, (_, i) => `CUSTOM_${i}`)
    await addTraits(ctx, someone, node.uuid, many, true)
    expect(await textOf(addTraits(ctx, someone, node.uuid, ['CUSTOM_X']))).toBe(
      `Could not modify traits for node ${node.id} as it would exceed the maximum number of traits per node (51 vs. 50)`,
    )
    expect(await traitsOf(node)).toHaveLength(50)
    const locked = await bed.node({ reservation: 'elsewhere' })
    expect(await statusOf(addTraits(ctx, someone, locked.uuid, ['CUSTOM_X']))).toBe(409)
  })
})

describe('fake BIOS settings', () => {
  const run = async (node: NodeRow, name: string, args: Record<string, unknown> = {}) => {
    const task = await testTask({ ctx: { db: bed.ctx.db }, node })
    const step = fakeBios.steps?.find((s) => s.step === name)
    return await step?.run(task, args)
  }
  const settingsOf = async (node: NodeRow) => {
    const rows = await bed.ctx.db.orm
      .select()
      .from(biosSettings)
      .where(eq(biosSettings.nodeId, node.id))
    return Object.fromEntries(rows.map((r) => [r.name, r.value]))
  }

  it('become those given: added, changed and removed', async () => {
    const node = await bed.node()
    const settings = [
      { name: 'ProcTurboMode', value: 'Enabled' },
      { name: 'NumLock', value: true },
    ]
    await run(node, 'apply_configuration', { settings })
    expect(await settingsOf(node)).toEqual({ ProcTurboMode: 'Enabled', NumLock: 'True' })
    await run(node, 'apply_configuration', {
      settings: [
        { name: 'ProcTurboMode', value: 'Disabled' },
        { name: 'Boot', value: null },
      ],
    })
    expect(await settingsOf(node)).toEqual({ ProcTurboMode: 'Disabled', Boot: null })
    await run(node, 'cache_bios_settings')
    expect(Object.keys(await settingsOf(node))).toHaveLength(2)
    await run(node, 'factory_reset')
    expect(await settingsOf(node)).toEqual({})
  })

  it('are refused when they are no list of names and values', async () => {
    const node = await bed.node()
    const apply = (settings: unknown) => textOf(run(node, 'apply_configuration', { settings }))
    expect(await apply('x')).toBe('The BIOS settings must be a list of name/value pairs.')
    expect(await apply([{ value: 1 }])).toBe('Every BIOS setting needs a name.')
    expect(await apply([null])).toBe('Every BIOS setting needs a name.')
    expect(await apply([{ name: 'Boot' }])).toBe('BIOS setting Boot needs a value.')
  })
})
