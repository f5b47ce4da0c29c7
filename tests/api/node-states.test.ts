import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow
const path = (rest = '') => `/v1/nodes/${node.uuid}/states${rest}`

beforeAll(async () => {
  bench = await openBench()
  node = await bench.add({ name: 'n1' })
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

const base = [
  'console_enabled',
  'last_error',
  'power_state',
  'provision_state',
  'target_power_state',
  'target_provision_state',
  'provision_updated_at',
]

describe('GET states', () => {
  it.each([
    ['1.1', base],
    ['1.11', base],
    ['1.12', [...base, 'raid_config', 'target_raid_config']],
    ['1.74', [...base, 'raid_config', 'target_raid_config']],
    ['1.75', [...base, 'raid_config', 'target_raid_config', 'boot_mode', 'secure_boot']],
  ])('at %s shows the fields of that version, in order', async (at, fields) => {
    const reply = await bench.send('GET', path(), { version: at })
    expect(reply.status).toBe(200)
    expect(Object.keys(reply.body ?? {})).toEqual(fields)
  })

  it.each([
    ['available', '1.1', null],
    ['available', '1.2', 'available'],
    ['inspect wait', '1.38', 'inspecting'],
    ['inspect wait', '1.39', 'inspect wait'],
  ])('calls %s at %s %s', async (provisionState, at, shown) => {
    const other = await bench.add({ provisionState })
    const reply = await bench.send('GET', `/v1/nodes/${other.uuid}/states`, { version: at })
    expect(reply.body?.['provision_state']).toBe(shown)
  })

  it('refuses what is neither UUID nor name, and nodes that do not exist', async () => {
    const bad = await bench.send('GET', '/v1/nodes/a!b/states', { version })
    expect(answer(bad)).toEqual([400, 'Expected UUID or name for node_ident: a!b'])
    const none = await bench.send('GET', '/v1/nodes/nope/states', { version })
    expect(answer(none)).toEqual([404, 'Node nope could not be found.'])
  })
})

describe('PUT boot_mode and secure_boot', () => {
  const badMode = (m: string) =>
    `Invalid boot mode ${m} requested for node. Allowed boot modes are: bios, uefi`
  it.each([
    ['boot_mode', { target: 'UEFI' }, version, 400, badMode('UEFI')],
    ['boot_mode', { target: null }, version, 400, badMode('None')],
    ['boot_mode', { target: 1 }, version, 400, 'Expected string for target: 1'],
    ['boot_mode', {}, version, 400, 'Missing mandatory parameter: target'],
    ['boot_mode', { target: 'uefi', x: 1 }, version, 400, 'Unexpected arguments: x'],
    [
      'boot_mode',
      { target: 'uefi' },
      '1.75',
      404,
      'This endpoint is supported starting with the API version 1.76',
    ],
    ['boot_mode', {}, '1.75', 400, 'Missing mandatory parameter: target'],
    [
      'secure_boot',
      { target: null },
      version,
      400,
      'Invalid secure_boot None requested for node. Allowed secure_boot states are: True, False) ',
    ],
  ])('%s %j at %s is refused', async (what, body, at, status, text) => {
    const reply = await bench.send('PUT', path(`/${what}`), { version: at, body })
    expect(answer(reply)).toEqual([status, text])
  })

  it('names a missing node before the version', async () => {
    const reply = await bench.send('PUT', '/v1/nodes/nope/states/boot_mode', {
      version: '1.75',
      body: { target: 'uefi' },
    })
    expect(answer(reply)).toEqual([404, 'Node nope could not be found.'])
  })

  it('are refused while the node changes, with the text upstream forgot to fill in', async () => {
    const busy = await bench.add({ provisionState: 'deploying' })
    const reply = await bench.send('PUT', `/v1/nodes/${busy.uuid}/states/boot_mode`, {
      version,
      body: { target: 'uefi' },
    })
    expect(reply.status).toBe(409)
    expect(reply.fault).toMatch(/^Node is in %\(state\)s state\. Since node is transitioning/)
  })

  it('are accepted, with a Location', async () => {
    const reply = await bench.send('PUT', '/v1/nodes/n1/states/boot_mode/uefi', { version })
    expect(reply.status).toBe(202)
    expect(reply.headers.get('location')).toBe('http://ferric.test/v1/nodes/n1/states')
    await bench.settle()
    expect((await bench.read(node)).lastError).toContain("boot mode to 'uefi")
  })
})

describe('PUT raid', () => {
  it.each([
    ['null', "Expected types <class 'dict'> for target_raid_config: None"],
    ['[]', "Expected types <class 'dict'> for target_raid_config: []"],
    ['"x"', "Expected types <class 'dict'> for target_raid_config: x"],
    ['{"a": 1}', "RAID config validation error: 'logical_disks' is a required property"],
  ])('refuses %s', async (raw, text) => {
    const reply = await bench.send('PUT', path('/raid'), { version, raw })
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain(text)
  })

  it('stores a configuration from 1.12 on', async () => {
    const body = { logical_disks: [{ size_gb: 10, raid_level: '1' }] }
    const early = await bench.send('PUT', path('/raid'), { version: '1.11', body })
    expect(answer(early)).toEqual([406, 'Request not acceptable.'])
    expect((await bench.send('PUT', path('/raid'), { version, body })).status).toBe(204)
    expect((await bench.read(node)).targetRaidConfig).toEqual(body)
  })

  it('is 404 where the driver has no RAID', async () => {
    const plain = await bench.add({ raidInterface: 'no-raid' })
    const reply = await bench.send('PUT', `/v1/nodes/${plain.uuid}/states/raid`, {
      version,
      body: { logical_disks: [{ size_gb: 10, raid_level: '1' }] },
    })
    expect(reply.status).toBe(404)
    expect(reply.fault).toContain('does not support')
  })
})

describe('console', () => {
  it('says so when it is off, and is switched in the background', async () => {
    const off = await bench.send('GET', path('/console'), { version })
    expect(off.body).toEqual({ console_enabled: false, console_info: null })
    const on = await bench.send('PUT', path('/console'), { version, body: { enabled: 'yes' } })
    expect(on.status).toBe(202)
    expect(on.headers.get('location')).toBe(`http://ferric.test${path('/console')}`)
    await bench.settle()
    const now = await bench.send('GET', path('/console'), { version })
    expect(now.body).toEqual({ console_enabled: true, console_info: {} })
  })
})
