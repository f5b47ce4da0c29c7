// Ports, port groups, chassis, allocations, deploy templates, drivers, conductors.
import { expect } from 'vitest'
import { arg, enroll, moves, refused, show, type Walker } from './walker.js'

type Row = Record<string, unknown>

/** Ports and port groups are created, found by node, changed, and removed. */
export async function ports({ cli, ...rest }: Walker): Promise<void> {
  const node = await enroll({ cli, ...rest }, 'ports-1')
  const group = await cli.json<{ uuid: string }>(
    ...['baremetal', 'port', 'group', 'create', '--node', node, '--name', 'bond0'],
    ...['--mode', 'active-backup', '--address', '52:54:00:00:00:10'],
  )
  const port = await cli.json<{ uuid: string }>(
    ...['baremetal', 'port', 'create', '52:54:00:00:00:11', '--node', node],
    ...['--port-group', group.uuid, '--pxe-enabled', 'true', '--extra', 'slot=1'],
  )
  const listed = await cli.json<Row[]>('baremetal', 'port', 'list', '--node', node)
  expect(listed).toEqual([{ uuid: port.uuid, address: '52:54:00:00:00:11' }])
  await cli.run('baremetal', 'port', 'set', port.uuid, '--extra', 'slot=2')
  const shown = await cli.json<Row>('baremetal', 'port', 'show', '--address', '52:54:00:00:00:11')
  expect(shown).toMatchObject({ extra: { slot: 2 }, portgroup_uuid: group.uuid })
  await cli.run('baremetal', 'port', 'unset', port.uuid, '--port-group')
  await cli.run('baremetal', 'port', 'group', 'set', 'bond0', '--property', 'miimon=100')
  const bond = await cli.json<Row>('baremetal', 'port', 'group', 'show', 'bond0')
  expect(bond).toMatchObject({ properties: { miimon: 100 }, mode: 'active-backup' })
  await cli.run('baremetal', 'port', 'delete', port.uuid)
  await cli.run('baremetal', 'port', 'group', 'delete', 'bond0')
  await cli.run('baremetal', 'node', 'delete', node)
}

/** A chassis holds nodes and refuses to go while it does. */
export async function chassis({ cli, ...rest }: Walker): Promise<void> {
  const made = await cli.json<{ uuid: string }>(
    ...['baremetal', 'chassis', 'create', '--description', 'row 3', '--extra', 'u=42'],
  )
  const node = await enroll({ cli, ...rest }, 'chassis-1', '--chassis-uuid', made.uuid)
  const inside = await cli.json<Row[]>('baremetal', 'node', 'list', '--chassis', made.uuid)
  expect(inside.map((row) => row['uuid'])).toEqual([node])
  const kept = await cli.try('baremetal', 'chassis', 'delete', made.uuid)
  expect(kept.stderr).toContain('HTTP 400')
  await cli.run('baremetal', 'chassis', 'set', made.uuid, '--description', 'row 4')
  const shown = await cli.json<Row>('baremetal', 'chassis', 'show', made.uuid)
  expect(shown).toMatchObject({ description: 'row 4', extra: { u: 42 } })
  await cli.run('baremetal', 'node', 'delete', node)
  await cli.run('baremetal', 'chassis', 'delete', made.uuid)
}

/** An allocation finds the node by class and trait, holds it, and lets it go. */
export async function allocations(walker: Walker): Promise<void> {
  const { cli } = walker
  const node = await enroll(walker, 'alloc-1', '--resource-class', 'baremetal-gold')
  await cli.run('baremetal', 'node', 'trait', 'add', node, 'CUSTOM_GOLD')
  await moves(walker, node, ['manage'], 'manageable')
  await cli.run('baremetal', 'node', 'power', 'off', node)
  await moves(walker, node, ['provide'], 'available')
  const made = await cli.json<{ uuid: string }>(
    ...['baremetal', 'allocation', 'create', '--name', 'claim', '--wait', '60'],
    ...['--resource-class', 'baremetal-gold', '--trait', 'CUSTOM_GOLD'],
  )
  const claim = await cli.json<Row>('baremetal', 'allocation', 'show', 'claim')
  expect(claim).toMatchObject({ state: 'active', node_uuid: node, last_error: null })
  expect(await show(walker, node)).toMatchObject({
    allocation_uuid: made.uuid,
    instance_uuid: made.uuid,
  })
  await cli.run('baremetal', 'allocation', 'delete', 'claim')
  expect(await show(walker, node)).toMatchObject({ allocation_uuid: null, instance_uuid: null })
  await refusedAllocation(walker)
  await cli.run('baremetal', 'node', 'delete', node)
}

async function refusedAllocation({ cli }: Walker): Promise<void> {
  const create = ['baremetal', 'allocation', 'create', '--name', 'never', '--wait', '60']
  const ran = await cli.try(...create, '--resource-class', 'nothing-like-it')
  expect(ran.code).not.toBe(0)
  const row = await cli.json<Row>('baremetal', 'allocation', 'show', 'never')
  expect(row).toMatchObject({ state: 'error', node_uuid: null })
  expect(String(row.last_error)).toContain('nothing-like-it')
  await cli.run('baremetal', 'allocation', 'delete', 'never')
}

const CORE_STEP = { interface: 'deploy', step: 'deploy', args: {}, priority: 80 }
const BIOS_STEP = { interface: 'bios', step: 'factory_reset', args: {}, priority: 5 }
const SPARE_STEP = { interface: 'power', step: 'power_on', args: {}, priority: 70 }

/** A deploy template named like a trait takes part in a deploy that asks for the trait. */
export async function templates(walker: Walker): Promise<void> {
  const { cli } = walker
  const template = ['baremetal', 'deploy', 'template']
  await cli.run(...template, 'create', 'CUSTOM_TEMPLATE', '--steps', arg([CORE_STEP]))
  const node = await available(walker, 'template-1')
  await cli.run('baremetal', 'node', 'trait', 'add', node, 'CUSTOM_TEMPLATE')
  await cli.run('baremetal', 'node', 'set', node, '--instance-info', 'traits=["CUSTOM_TEMPLATE"]')
  const said = await refused(walker, 'node', 'deploy', node)
  expect(said).toContain('Matching deploy templates: CUSTOM_TEMPLATE')
  if (walker.minor >= 86) {
    await cli.run(...template, 'set', 'CUSTOM_TEMPLATE', '--steps', arg([SPARE_STEP]))
    await moves(walker, node, ['deploy'], 'active')
    await moves(walker, node, ['undeploy'], 'available')
  }
  await cli.run(...template, 'set', 'CUSTOM_TEMPLATE', '--steps', arg([BIOS_STEP]))
  const shown = await cli.json<{ steps: unknown }>(...template, 'show', 'CUSTOM_TEMPLATE')
  expect(shown.steps).toEqual([BIOS_STEP])
  await cli.run(...template, 'delete', 'CUSTOM_TEMPLATE')
  await cli.run('baremetal', 'node', 'delete', node)
}

async function available(walker: Walker, name: string): Promise<string> {
  const node = await enroll(walker, name)
  await moves(walker, node, ['manage'], 'manageable')
  await moves(walker, node, ['provide'], 'available')
  return node
}

/** What the service says of itself. */
export async function driversAndConductors({ cli }: Walker): Promise<void> {
  const drivers = await cli.json<Row[]>('baremetal', 'driver', 'list')
  expect(drivers.map((row) => row['name'])).toContain('fake-hardware')
  const driver = await cli.json<Row>('baremetal', 'driver', 'show', 'fake-hardware')
  expect(driver).toMatchObject({ name: 'fake-hardware', type: 'dynamic' })
  expect(driver.default_deploy_interface).toBe('fake')
  const conductors = await cli.json<Row[]>('baremetal', 'conductor', 'list')
  expect(conductors).toMatchObject([{ conductor_group: '' }])
  const host = String(conductors[0]?.['hostname'])
  const one = await cli.json<Row>('baremetal', 'conductor', 'show', host)
  expect(one.drivers).toEqual(expect.arrayContaining(['fake-hardware']))
}
