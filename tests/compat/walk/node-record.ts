// Create, list, set, unset, traits, maintenance, validate: the node as a record.
import { expect } from 'vitest'
import { enroll, refused, show, type Walker } from './walker.js'

const NODE = 'record-1'

async function setEverything({ cli }: Walker): Promise<void> {
  const properties = [
    '--property',
    'cpus=8',
    '--property',
    'memory_mb=16384',
    '--property',
    'local_gb=50',
  ]
  const extra = ['--extra', 'rack=r7', '--driver-info', 'ipmi_address=127.0.0.9']
  const words = ['--description', 'in the corner', '--owner', 'blue', '--lessee', 'green']
  await cli.run('baremetal', 'node', 'set', NODE, ...properties, ...extra, ...words)
  await cli.run('baremetal', 'node', 'set', NODE, '--resource-class', 'big')
}

/** Every attribute the client can set shows, and goes when it is unset. */
export async function setAndUnset(walker: Walker): Promise<void> {
  const uuid = await enroll(walker, NODE, '--extra', 'first=1')
  await setEverything(walker)
  expect(await show(walker, NODE)).toMatchObject({
    uuid,
    name: NODE,
    driver: 'fake-hardware',
    provision_state: 'enroll',
    power_state: null,
    properties: { cpus: 8, memory_mb: 16384, local_gb: 50 },
    extra: { first: 1, rack: 'r7' },
    driver_info: { ipmi_address: '127.0.0.9' },
    description: 'in the corner',
    owner: 'blue',
    lessee: 'green',
    resource_class: 'big',
  })
  const gone = ['--extra', 'rack', '--property', 'cpus', '--owner', '--description']
  await walker.cli.run('baremetal', 'node', 'unset', NODE, ...gone, '--resource-class')
  const after = await show(walker, uuid)
  expect(after).toMatchObject({ owner: null, description: null, resource_class: null })
  expect(after.extra).toEqual({ first: 1 })
  expect(after.properties).toEqual({ memory_mb: 16384, local_gb: 50 })
}

/** Lists, filters, fields, sorting and paging. */
export async function listing(walker: Walker): Promise<void> {
  for (const n of [2, 3, 4]) await enroll(walker, `record-${n}`, '--resource-class', `c${n}`)
  const list = ['baremetal', 'node', 'list']
  const columns = await walker.cli.json<Record<string, unknown>[]>(...list)
  expect(Object.keys(columns[0] ?? {})).toEqual([
    'uuid',
    'name',
    'instance_uuid',
    'power_state',
    'provision_state',
    'maintenance',
  ])
  const names = async (...more: string[]): Promise<unknown[]> => {
    const rows = await walker.cli.json<Record<string, unknown>[]>(...list, ...more)
    return rows.map((row) => row['name'])
  }
  expect(await names('--sort', 'name:desc')).toEqual([4, 3, 2, 1].map((n) => `record-${n}`))
  expect(await names('--resource-class', 'c3')).toEqual(['record-3'])
  expect(await names('--provision-state', 'enroll', '--limit', '2')).toHaveLength(2)
  const long = await walker.cli.json<Record<string, unknown>[]>(...list, '--long')
  expect(long[0]).toMatchObject({ driver: 'fake-hardware', provision_state: 'enroll' })
  const fields = await walker.cli.json<unknown[]>(...list, '--fields', 'name', 'driver')
  expect(fields[0]).toEqual({ name: 'record-1', driver: 'fake-hardware' })
}

/** Traits come and go one by one and all at once. */
export async function traits({ cli }: Walker): Promise<void> {
  const trait = (...more: string[]) => cli.run('baremetal', 'node', 'trait', ...more)
  await trait('add', NODE, 'CUSTOM_GOLD', 'HW_CPU_X86_VMX')
  const listed = await cli.json<{ traits: string }[]>('baremetal', 'node', 'trait', 'list', NODE)
  expect(listed.map((row) => row.traits).toSorted()).toEqual(['CUSTOM_GOLD', 'HW_CPU_X86_VMX'])
  await trait('remove', NODE, 'CUSTOM_GOLD')
  await trait('remove', NODE, '--all')
  expect(await cli.json('baremetal', 'node', 'trait', 'list', NODE)).toEqual([])
}

/** Maintenance with its reason, and back. */
export async function maintenance(walker: Walker): Promise<void> {
  await walker.cli.run('baremetal', 'node', 'maintenance', 'set', NODE, '--reason', 'fan')
  expect(await show(walker, NODE)).toMatchObject({ maintenance: true, maintenance_reason: 'fan' })
  await walker.cli.run('baremetal', 'node', 'maintenance', 'unset', NODE)
  const after = await show(walker, NODE)
  expect(after).toMatchObject({ maintenance: false, maintenance_reason: null })
}

/** Each interface is listed with its verdict. */
export async function validate({ cli }: Walker): Promise<void> {
  const rows = await cli.json<Record<string, unknown>[]>('baremetal', 'node', 'validate', NODE)
  const verdicts = Object.fromEntries(rows.map((row) => [row['Interface'], row['Result']]))
  expect(verdicts).toMatchObject({ boot: true, deploy: true, management: true, power: true })
}

/** Faults reach the person in words, and deleted nodes are gone. */
export async function faultsAndDelete(walker: Walker): Promise<void> {
  expect(await refused(walker, 'node', 'show', 'nobody')).toContain(
    'Node nobody could not be found',
  )
  const bad = await refused(walker, 'node', 'create', '--driver', 'no-such-driver')
  expect(bad).toContain('HTTP 400')
  expect(await refused(walker, 'node', 'provide', NODE)).toContain('HTTP 400')
  for (const n of [1, 2, 3, 4]) await walker.cli.run('baremetal', 'node', 'delete', `record-${n}`)
  expect(await walker.cli.json('baremetal', 'node', 'list')).toEqual([])
}
