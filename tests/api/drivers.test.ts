import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
const get = (rest: string, at = version) => bench.send('GET', `/v1/drivers${rest}`, { version: at })

beforeAll(async () => {
  bench = await openBench()
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

const since: Readonly<Record<string, number>> = { storage: 33, rescue: 38, bios: 40, firmware: 86 }

describe('drivers', () => {
  it.each([
    ['1.1', ['name', 'hosts', 'links']],
    ['1.14', ['name', 'hosts', 'links', 'properties']],
    ['1.30', ['name', 'hosts', 'links', 'properties', 'type']],
  ])('list at %s', async (at, names) => {
    const [first] = ((await get('', at)).body?.['drivers'] ?? []) as Record<string, unknown>[]
    expect(Object.keys(first ?? {})).toEqual(names)
    expect([first?.['name'], first?.['hosts']]).toEqual(['fake-hardware', ['conductor-1']])
  })

  it.each([29, 30, 32, 33, 37, 38, 39, 40, 85, 86])('show interfaces at 1.%d', async (minor) => {
    const shown = Object.keys((await get('/fake-hardware', `1.${minor}`)).body ?? {})
    const expected = interfaceKinds.filter((k) => minor >= (since[k] ?? 30))
    expect(shown.filter((k) => k.startsWith('enabled_'))).toEqual(
      [...expected].sort().map((k) => `enabled_${k}_interfaces`),
    )
  })

  it('show defaults, and the interfaces that are enabled', async () => {
    const { body } = await get('/fake-hardware')
    expect(body).toMatchObject({ type: 'dynamic', default_power_interface: 'fake' })
    expect(body?.['enabled_power_interfaces']).toContain('fake')
  })

  it('forget conductors that have not been heard of', async () => {
    const late = await openBench({ conductor: { heartbeat_timeout: 60 } })
    try {
      await late.ctx.clock.sleep(61_000)
      expect((await late.send('GET', '/v1/drivers', { version })).body).toEqual({ drivers: [] })
      const gone = await late.send('GET', '/v1/drivers/fake-hardware/properties', { version })
      expect(answer(gone)).toEqual([404, "The driver 'fake-hardware' is unknown."])
    } finally {
      await late[Symbol.asyncDispose]()
    }
  })

  it.each([
    ['?type=classic', 200, undefined],
    ['?type=dynamic', 200, undefined],
    ['?type=x', 400, '"type" filter must be one of "classic" or "dynamic", if specified.'],
    [
      '?fields=name&detail=true',
      400,
      'Can not specify ?detail=True and fields in the same request.',
    ],
    ['?fields=enabled_bios_interfaces', 400, 'Field(s) "enabled_bios_interfaces" are not valid'],
    ['?foo=1', 400, 'Unexpected arguments: foo'],
    ['/fake-hardware?detail=true', 400, 'Unexpected arguments: detail'],
    ['/fake-hardware/nope', 400, 'Field(s) "nope" are not valid'],
    ['/nope', 404, 'Could not find the following driver(s) or hardware type(s): nope.'],
    ['/nope/properties', 404, "The driver 'nope' is unknown."],
    ['/nope/raid/logical_disk_properties', 404, "The driver 'nope' is unknown."],
    ['/nope/vendor_passthru/methods', 404, "The driver 'nope' is unknown."],
    ['/fake-hardware/vendor_passthru', 400, 'Missing mandatory parameter: method'],
    ['/fake-hardware/vendor_passthru/nope', 400, 'No handler for method nope'],
  ])('answer %s with %d', async (rest, status, text) => {
    expect(answer(await get(rest))).toEqual([status, text])
  })

  it.each([
    [
      '?type=dynamic',
      '1.29',
      'Request not acceptable. The minimal required API version should be 1.30',
    ],
    [
      '?detail=false',
      '1.29',
      'Request not acceptable. The minimal required API version should be 1.30',
    ],
    ['?fields=name', '1.76', 'Request not acceptable.'],
    ['/fake-hardware/name', '1.76', 'Request not acceptable.'],
    ['/fake-hardware/raid/logical_disk_properties', '1.11', 'Request not acceptable.'],
  ])('refuse %s at %s', async (rest, at, text) => {
    expect(answer(await get(rest, at))).toEqual([406, text])
  })

  it('know the fields of their version', async () => {
    expect((await get('/fake-hardware?fields=default_firmware_interface', '1.86')).status).toBe(200)
    const early = await get('/fake-hardware?fields=default_firmware_interface', '1.85')
    expect(early.fault).toContain(
      "Schema error: 'default_firmware_interface' is not one of ['hosts'",
    )
    expect(early.fault).not.toContain("'enabled_firmware_interfaces'")
    const one = await get('/fake-hardware/type')
    expect(Object.keys(one.body ?? {})).toEqual(['links', 'type'])
  })

  it('describe what they read', async () => {
    expect((await get('/fake-hardware/properties')).status).toBe(200)
    const raid = await get('/fake-hardware/raid/logical_disk_properties')
    expect(Object.keys(raid.body ?? {})).toContain('size_gb')
    expect((await get('/fake-hardware/vendor_passthru/methods')).status).toBe(200)
  })

  it('take "methods" for a method where it is called', async () => {
    const path = '/v1/drivers/fake-hardware/vendor_passthru/methods'
    const reply = await bench.send('POST', path, { version, body: {} })
    expect(answer(reply)).toEqual([400, 'No handler for method methods'])
  })
})
