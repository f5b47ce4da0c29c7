import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow
const send = (method: string, rest: string, body?: unknown, at = version) =>
  bench.send(method, `/v1/nodes/n1/management/${rest}`, { version: at, body })

beforeAll(async () => {
  bench = await openBench()
  node = await bench.add({ name: 'n1' })
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

describe('boot device', () => {
  it('is read, and lists what may be set', async () => {
    expect((await send('GET', 'boot_device')).body).toEqual({
      boot_device: 'pxe',
      persistent: false,
    })
    const supported = await send('GET', 'boot_device/supported')
    expect(supported.body).toEqual({ supported_boot_devices: ['pxe'] })
  })

  it.each([
    ['boot_device', { boot_device: 'pxe', persistent: 'false' }],
    ['boot_device', { boot_device: 'pxe', persistent: null }],
    ['boot_device?boot_device=pxe&persistent=true', undefined],
    ['boot_device/pxe', undefined],
    ['boot_device/pxe/yes', undefined],
  ])('is set by %s and %j', async (rest, body) => {
    expect((await send('PUT', rest, body)).status).toBe(204)
  })

  it.each([
    ['boot_device', { boot_device: 'disk' }, 'Invalid boot device disk specified.'],
    ['boot_device', { boot_device: null }, 'Invalid boot device None specified.'],
    ['boot_device', { boot_device: 1 }, 'Expected string for boot_device: 1'],
    ['boot_device', { persistent: true }, 'Missing mandatory parameter: boot_device'],
    ['boot_device', { boot_device: 'pxe', foo: 1 }, 'Unexpected arguments: foo'],
    ['boot_device/supported', {}, 'Invalid boot device supported specified.'],
  ])('PUT %s with %j is refused', async (rest, body, text) => {
    expect(answer(await send('PUT', rest, body))).toEqual([400, text])
  })

  it.each(['POST', 'PATCH', 'DELETE'])('does not know %s', async (method) => {
    expect((await send(method, 'boot_device')).status).toBe(405)
  })
})

describe('NMI', () => {
  it('exists since 1.29', async () => {
    const early = await send('PUT', 'inject_nmi', undefined, '1.28')
    expect(answer(early)).toEqual([404, 'Resource could not be found.'])
    const text = 'Driver fake-hardware does not support inject_nmi (disabled or not implemented).'
    expect(answer(await send('PUT', 'inject_nmi'))).toEqual([400, text])
  })
})

describe('indicators', () => {
  it('are named with their component, with links as the node was written', async () => {
    const reply = await send('GET', 'indicators', undefined, '1.5')
    const [first] = (reply.body?.['indicators'] ?? []) as Record<string, unknown>[]
    expect(Object.keys(first ?? {})).toEqual(['name', 'component', 'readonly', 'states', 'links'])
    expect(first?.['name']).toContain(`@${String(first?.['component'])}`)
    expect(JSON.stringify(first?.['links'])).toContain(
      `/v1/nodes/n1/management/indicators/${String(first?.['name'])}`,
    )
  })

  it('are read one by one, and set where the driver can', async () => {
    expect((await send('GET', 'indicators/led@system')).body).toEqual({ state: 'on' })
    const text =
      'Driver fake-hardware does not support set_indicator_state (disabled or not implemented).'
    const reply = await send('PUT', 'indicators/led@system', { state: 'ON' })
    expect(answer(reply)).toEqual([400, text])
  })

  it.each([
    ['led@nope', 'Invalid component nope specified.'],
    ['nope@system', 'Invalid indicator nope specified.'],
  ])('refuse %s', async (name, text) => {
    expect(answer(await send('GET', `indicators/${name}`))).toEqual([400, text])
  })

  it('refuse a name without a component', async () => {
    const reply = await send('GET', 'indicators/led')
    expect(answer(reply)).toEqual([400, 'Malformed indicator name "led"'])
  })
})

describe('maintenance', () => {
  const path = '/v1/nodes/n1/maintenance'
  it('is set with a reason and cleared with the fault', async () => {
    const reason = { reason: 'why' }
    const on = await bench.send('PUT', path, { version, body: reason })
    expect([on.status, on.headers.get('location'), on.body]).toEqual([202, null, null])
    expect(await bench.read(node)).toMatchObject({ maintenance: true, maintenanceReason: 'why' })
    await bench.change(node, { fault: 'power failure' })
    expect((await bench.send('DELETE', path, { version })).status).toBe(202)
    expect(await bench.read(node)).toMatchObject({
      maintenance: false,
      maintenanceReason: null,
      fault: null,
      reservation: null,
    })
  })

  it.each([
    ['PUT', path, { reason: 1 }, 400, 'Expected string for reason: 1'],
    ['PUT', path, { maintenance: false }, 400, 'Unexpected arguments: maintenance'],
    ['DELETE', `${path}?x=1`, undefined, 400, 'Unexpected arguments: x'],
    ['PUT', '/v1/nodes/nope/maintenance', {}, 404, 'Node nope could not be found.'],
  ])('%s %s with %j is refused', async (method, where, body, status, text) => {
    expect(answer(await bench.send(method, where, { version, body }))).toEqual([status, text])
  })

  it('is a 400 when no conductor serves the node', async () => {
    const far = await bench.add({ conductorGroup: 'far' })
    const reply = await bench.send('PUT', `/v1/nodes/${far.uuid}/maintenance`, { version })
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain('No valid host was found.')
  })
})

describe('validate', () => {
  const kinds = [
    'boot',
    'deploy',
    'management',
    'network',
    'power',
    'bios',
    'console',
    'firmware',
    'inspect',
    'raid',
    'rescue',
    'storage',
  ]
  it.each(['/v1/nodes/n1/validate', '/v1/nodes/validate?node=n1'])(
    'answers %s with one result per interface',
    async (path) => {
      const reply = await bench.send('GET', path, { version })
      expect(Object.keys(reply.body ?? {})).toEqual(kinds)
      expect(reply.body?.['power']).toEqual({ result: true })
    },
  )

  it.each([
    ['?node_uuid=n1', version, 400, 'Expected UUID for node_uuid: n1'],
    ['', version, 400, 'Expected a logical name or UUID but received None.'],
    ['?node=a!b', version, 400, 'Expected UUID or name for node: a!b'],
    ['?node=n1', '1.4', 406, 'Request not acceptable.'],
  ])('refuses validate%s at %s', async (query, at, status, text) => {
    const reply = await bench.send('GET', `/v1/nodes/validate${query}`, { version: at })
    expect(answer(reply)).toEqual([status, text])
  })
})

describe('custom actions as identifiers', () => {
  it.each([
    ['DELETE', '/v1/nodes/validate', undefined, 404, 'Node validate could not be found.'],
    ['PATCH', '/v1/nodes/validate', {}, 400, "Schema error for patch: {} is not of type 'array'"],
    [
      'POST',
      '/v1/nodes/n1/validate',
      {},
      400,
      "Schema error for node: 'n1' is not of type 'object'",
    ],
  ])('%s %s fails as upstream routes it', async (method, path, body, status, text) => {
    expect(answer(await bench.send(method, path, { version, body }))).toEqual([status, text])
  })
})
