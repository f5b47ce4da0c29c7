import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import {
  biosSettings,
  firmwareInformation,
  nodeHistory,
  nodeInventory,
} from '../../src/db/schema/index.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow
const get = (rest: string, at = version, who = 'n1') =>
  bench.send('GET', `/v1/nodes/${who}/${rest}`, { version: at })

beforeAll(async () => {
  bench = await openBench()
  node = await bench.add({ name: 'n1' })
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

describe('sub-resources younger than a request', () => {
  it.each([
    ['vifs', '1.27'],
    ['bios', '1.39'],
    ['bios/x', '1.39'],
    ['history', '1.77'],
    ['history/x', '1.77'],
    ['inventory', '1.80'],
    ['children', '1.82'],
    ['firmware', '1.85'],
    ['vmedia', '1.88'],
  ])('%s is no path at %s', async (rest, at) => {
    const reply = await get(rest, at)
    expect(reply.status).toBe(404)
    expect(reply.body?.['error_message']).toBe(
      JSON.stringify({ code: 404, title: 'Not Found', description: '' }),
    )
  })

  it('vmedia could not be read before it could be attached', async () => {
    expect(answer(await get('vmedia', '1.89'))).toEqual([404, 'The resource could not be found.'])
    expect(answer(await get('vmedia', '1.92'))).toEqual([404, 'The resource could not be found.'])
    expect((await get('vmedia', '1.93')).status).toBe(400)
  })

  it.each([
    ['GET', 406],
    ['PUT', 405],
    ['DELETE', 404],
  ])('%s of traits at 1.36 is %d', async (method, status) => {
    const reply = await bench.send(method, '/v1/nodes/n1/traits', { version: '1.36' })
    expect(reply.status).toBe(status)
  })

  it('refuse what cannot be a node while routing', async () => {
    const reply = await get('traits', version, 'a!b')
    expect(reply.status).toBe(400)
    expect(reply.body?.['error_message']).toContain('Expected UUID or name for node: a!b')
  })
})

describe('traits', () => {
  const send = (method: string, rest = '', body?: unknown) =>
    bench.send(method, `/v1/nodes/n1/traits${rest}`, { version, body })
  const oneOrAll = 'A single node trait may be added via PUT'

  it('are replaced, added, listed sorted and removed', async () => {
    const replaced = await send('PUT', '', { traits: ['CUSTOM_B', 'HW_CPU_X86_VMX'] })
    expect(replaced.status).toBe(204)
    const added = await send('PUT', '/CUSTOM_A')
    expect(added.headers.get('location')).toBe('http://ferric.test/v1/nodes/n1/traits/CUSTOM_A')
    expect((await send('PUT', '/CUSTOM_A', {})).status).toBe(204)
    const list = await get('traits')
    expect(list.body).toEqual({ traits: ['CUSTOM_A', 'CUSTOM_B', 'HW_CPU_X86_VMX'] })
    expect((await send('DELETE', '/CUSTOM_A')).status).toBe(204)
    const text = `Node ${node.uuid} doesn't have a trait 'CUSTOM_A'`
    expect(answer(await send('DELETE', '/CUSTOM_A'))).toEqual([404, text])
    expect((await send('DELETE')).status).toBe(204)
    expect((await get('traits')).body).toEqual({ traits: [] })
  })

  it.each([
    ['/nope', undefined, "Schema error for trait: 'nope' is not valid under any"],
    ['', {}, oneOrAll],
    ['/CUSTOM_A', { traits: ['CUSTOM_B'] }, oneOrAll],
    ['', { traits: ['nope'] }, "Schema error for body: 'nope' is not valid under any"],
    ['', { foo: 1 }, "Schema error for body: Additional properties are not allowed ('foo' was"],
  ])('PUT %s with %j is refused', async (rest, body, text) => {
    const reply = await send('PUT', rest, body)
    expect(reply.status).toBe(400)
    expect(reply.fault).toContain(text)
  })

  it('name no null in what they ask for, though null is as good as no body', async () => {
    const refused = await send('PUT', '', [])
    expect(refused.fault).toBe("Schema error for body: [] is not of type 'object'")
    expect((await send('PUT', '', null)).fault).toContain(oneOrAll)
    expect((await send('PUT', '/CUSTOM_A', null)).status).toBe(204)
  })

  it('are at most 50', async () => {
    const traits = Array.from({ length: 51 }, (_, i) => `CUSTOM_T${i}`)
    const reply = await send('PUT', '', { traits })
    expect(reply.fault).toContain('maximum number of traits per node (51 vs. 50)')
  })
})

describe('VIFs', () => {
  const send = (method: string, rest = '', body?: unknown, at = version) =>
    bench.send(method, `/v1/nodes/n1/vifs${rest}`, { version: at, body })

  it('are listed, and need an id', async () => {
    expect((await send('GET')).body).toEqual({ vifs: [] })
    const text = "Schema error for vif: 'id' is a required property"
    expect(answer(await send('POST', '', {}))).toEqual([400, text])
    expect(answer(await send('POST', '', { id: 'a!b' }))).toEqual([
      400,
      'Expected UUID or name for id: a!b',
    ])
    expect(answer(await send('DELETE'))).toEqual([400, 'Missing mandatory parameter: vif_id'])
  })

  it('have one place, since versions know places', async () => {
    const both = { id: 'v1', port_uuid: 'a', portgroup_uuid: 'b' }
    const text = 'Cannot specify both port_uuid and portgroup_uuid'
    expect(answer(await send('POST', '', both, '1.67'))).toEqual([400, text])
    expect((await send('POST', '', both, '1.66')).fault).not.toBe(text)
  })
})

describe('BIOS settings', () => {
  const short = ['created_at', 'updated_at', 'name', 'value', 'links']
  const registry = [
    'attribute_type',
    'allowable_values',
    'lower_bound',
    'max_length',
    'min_length',
    'read_only',
    'reset_required',
    'unique',
    'upper_bound',
  ]
  const full = [...short.slice(0, 4), ...registry, 'links']
  beforeAll(async () => {
    await bench.ctx.db.orm.insert(biosSettings).values([
      { nodeId: node.id, name: 'alpha', value: 'on' },
      { nodeId: node.id, name: 'Gamma', value: null },
    ])
  })
  const keys = (o: unknown) => Object.keys(o as object)

  it.each([
    ['bios', '1.40', short],
    ['bios', version, short],
    ['bios?detail=true', '1.74', full],
    ['bios?fields=name', '1.74', ['created_at', 'updated_at', 'name', 'links']],
    ['bios?fields=', '1.74', ['created_at', 'updated_at', 'links']],
  ])('%s at %s has the fields of that form', async (rest, at, fields) => {
    const list = (await get(rest, at)).body?.['bios'] as object[]
    expect(list.map(keys)).toEqual([fields, fields])
  })

  it('come by name, capitals first, with links as the node was written', async () => {
    const list = (await get('bios')).body?.['bios'] as { name: string; links: { href: string }[] }[]
    expect(list.map((s) => s.name)).toEqual(['Gamma', 'alpha'])
    expect(list[1]?.links[0]?.href).toBe('http://ferric.test/v1/nodes/n1/bios/alpha')
  })

  it.each([
    ['1.73', short],
    ['1.74', full],
  ])('one of them at %s', async (at, fields) => {
    const reply = await get('bios/alpha', at)
    expect(keys(reply.body?.['alpha'])).toEqual(fields)
    expect(JSON.stringify(reply.body)).toContain(`/v1/nodes/${node.uuid}/bios/alpha`)
  })

  it.each([
    [
      'bios?detail=true',
      '1.73',
      "Schema error: Additional properties are not allowed ('detail' was unexpected)",
    ],
    [
      'bios?fields=name&detail=true',
      version,
      'Can not specify ?detail=True and fields in the same request.',
    ],
    ['bios?limit=1', version, 'Unexpected arguments: limit'],
    ['bios/a!b', version, "Schema error: 'a!b' does not match '(?i)^[A-Z0-9-._~]+$'"],
  ])('%s at %s is refused', async (rest, at, text) => {
    expect(answer(await get(rest, at))).toEqual([400, text])
  })

  it('says which node lacks a setting', async () => {
    const text = `Node ${node.uuid} doesn't have a BIOS setting 'nope'`
    expect(answer(await get('bios/nope'))).toEqual([404, text])
  })
})

describe('firmware', () => {
  const fields = [
    'created_at',
    'updated_at',
    'component',
    'initial_version',
    'current_version',
    'last_version_flashed',
  ]
  beforeAll(async () => {
    await bench.ctx.db.orm
      .insert(firmwareInformation)
      .values({ nodeId: node.id, component: 'bios', initialVersion: '1', vendor: 'acme' })
  })

  it.each([
    ['1.86', fields],
    ['1.113', fields],
    ['1.114', [...fields, 'vendor', 'model', 'serial_number']],
  ])('at %s has the fields of that version', async (at, names) => {
    const [first] = ((await get('firmware', at)).body?.['firmware'] ?? []) as object[]
    expect(Object.keys(first ?? {})).toEqual(names)
  })

  it('refuses later fields and every detail', async () => {
    const text =
      'Fields model, vendor are not allowed in this API version. They require at least API version 1.114.'
    expect(answer(await get('firmware?fields=vendor,model', '1.113'))).toEqual([400, text])
    const detail = "Schema error: 'true' is not of type 'boolean'"
    expect(answer(await get('firmware?detail=true'))).toEqual([400, detail])
  })
})

describe('history', () => {
  const uuids = [randomUUID(), randomUUID(), randomUUID()]
  beforeAll(async () => {
    const rows = uuids.map((uuid, i) => ({
      uuid,
      nodeId: node.id,
      event: i === 0 ? 'x'.repeat(256) : `event ${i}`,
      severity: 'ERROR',
      createdAt: new Date(1_700_000_000_000 + i),
    }))
    await bench.ctx.db.orm.insert(nodeHistory).values(rows)
  })
  const short = ['uuid', 'created_at', 'severity', 'event', 'links']
  const detail = [...short.slice(0, 3), 'event_type', 'event', 'conductor', 'user']

  it.each([
    ['history', version, short],
    ['history?detail=true', '1.112', [...detail, 'links']],
    ['history?detail=true', '1.113', [...detail, 'project', 'links']],
    [
      'history?detail=true',
      '1.115',
      [...detail, 'project', 'state', 'target_provision_state', 'duration_seconds', 'links'],
    ],
  ])('%s at %s', async (rest, at, names) => {
    const list = (await get(rest, at)).body?.['history'] as object[]
    expect(list.map((e) => Object.keys(e))).toEqual(uuids.map(() => names))
  })

  it('does not show events of another node, nor page after them', async () => {
    await bench.add({ name: 'n2', owner: 'another project' })
    const text = `Node history record ${uuids[0]} could not be found.`
    expect(answer(await get(`history/${uuids[0]}`, version, 'n2'))).toEqual([404, text])
    expect(answer(await get(`history?marker=${uuids[0]}`, version, 'n2'))).toEqual([404, text])
  })

  it('cuts long events in lists only', async () => {
    const [first] = ((await get('history')).body?.['history'] ?? []) as { event: string }[]
    expect(first?.event).toBe(`${'x'.repeat(251)}...`)
    expect((await get(`history/${uuids[0]}`)).body?.['event']).toBe('x'.repeat(256))
  })

  it('pages by links that can be followed', async () => {
    const seen: unknown[] = []
    let path = 'history?limit=1&detail=true'
    for (let i = 0; i < 3; i++) {
      const { body } = await get(path)
      seen.push(...((body?.['history'] ?? []) as { uuid: string }[]).map((e) => e.uuid))
      path = String(body?.['next']).replace(/^.*\/n1\//, '')
    }
    expect(seen).toEqual(uuids)
    expect((await get(path)).body).toEqual({ history: [] })
  })

  it.each([
    ['history?limit=0', 400, 'Limit must be positive'],
    ['history?marker=x', 400, 'Expected UUID for marker: x'],
    ['history?fields=uuid', 400, 'Unexpected arguments: fields'],
    [
      'history?sort_dir=up',
      400,
      "Invalid sort direction: up. Acceptable values are 'asc' or 'desc'",
    ],
    ['history?sort_key=foo', 400, 'The sort_key value "foo" is an invalid field for sorting'],
    ['history/nope', 404, 'Node history record nope could not be found.'],
    ['history/a!b', 400, 'Expected UUID or name for event: a!b'],
  ])('%s is refused', async (rest, status, text) => {
    expect(answer(await get(rest))).toEqual([status, text])
  })
})

describe('inventory and children', () => {
  it('show what inspection found, once it has', async () => {
    const text = `Node inventory record for node ${node.id} could not be found.`
    expect(answer(await get('inventory'))).toEqual([404, text])
    await bench.ctx.db.orm
      .insert(nodeInventory)
      .values({ nodeId: node.id, inventoryData: { cpu: 1 }, pluginData: { x: [] } })
    expect((await get('inventory')).body).toEqual({
      inventory: { cpu: 1 },
      plugin_data: { x: [] },
    })
  })

  it('list the children with a link to their nodes', async () => {
    const child = await bench.add({ parentNode: node.uuid })
    expect((await get('children')).body).toEqual({
      children: [child.uuid],
      links: { href: `http://ferric.test/v1/nodes?parent_node=${node.uuid}`, rel: 'children' },
    })
    expect(answer(await get('children', version, 'nope'))).toEqual([
      404,
      'Node nope could not be found.',
    ])
  })
})

describe('virtual media', () => {
  const medium = { device_type: 'cdrom', image_url: 'http://127.0.0.1/i' }
  const post = (body: unknown) => bench.send('POST', '/v1/nodes/n1/vmedia', { version, body })

  it.each([
    [{}, "Schema error for vmedia: 'device_type' is a required property"],
    [{ ...medium, image_url: 'ftp://x' }, 'Unsupported or missing URL scheme: ftp'],
    [{ ...medium, image_url: '' }, 'Unsupported or missing URL scheme: '],
    [
      { ...medium, device_type: 'foo' },
      "Schema error for vmedia: 'foo' is not one of ['disk', 'cdrom', 'floppy']",
    ],
  ])('%j is refused', async (body, text) => {
    expect(answer(await post(body))).toEqual([400, text])
  })

  it('is attached and detached in the background', async () => {
    expect((await post(medium)).status).toBe(204)
    await bench.settle()
    expect((await bench.read(node)).lastError).toContain('Could not attach device cdrom')
    const path = '/v1/nodes/n1/vmedia?device_types=cdrom,floppy'
    expect((await bench.send('DELETE', path, { version })).status).toBe(204)
    await bench.settle()
    const bad = await bench.send('DELETE', '/v1/nodes/n1/vmedia?device_types=foo', { version })
    const text = 'Invalid device type(s) foo (valid are disk, cdrom, floppy)'
    expect(answer(bad)).toEqual([400, text])
  })
})

describe('vendor methods', () => {
  const call = (method: string, rest: string, body?: unknown) =>
    bench.send(method, `/v1/nodes/n1/vendor_passthru${rest}`, { version, body })

  it('are listed', async () => {
    const { body } = await call('GET', '/methods')
    expect(Object.keys(body ?? {}).length).toBeGreaterThan(0)
    expect(Object.keys(Object.values(body ?? {})[0] as object)).toEqual([
      'http_methods',
      'async',
      'description',
      'attach',
      'require_exclusive_lock',
    ])
  })

  it.each([
    ['POST', '', {}, 'Missing mandatory parameter: method'],
    ['POST', '?method=nope', {}, 'No handler for method nope'],
    ['PUT', '/nope', {}, 'No handler for method nope'],
    ['GET', '/second_method', undefined, 'The method second_method does not support HTTP GET'],
    ['POST', '/second_method', [1], 'The data for a vendor method must be a JSON object.'],
  ])('%s %s with %j is refused', async (method, rest, body, text) => {
    expect(answer(await call(method, rest, body))).toEqual([400, text])
  })
})
