// Requests no server may accept, made at random from what each endpoint takes.
import type { Dice } from './dice.js'

/** A request as it goes on the wire: the path unescaped by anyone, the body any bytes. */
export type Wire = {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | null
  why: string
}

/** What exists on the server, to aim at. */
export type Aim = { node: string; port: string; chassis: string }

type Json = Record<string, unknown>

const VERSION = { 'X-OpenStack-Ironic-API-Version': '1.82' }
const JSON_TYPE = { ...VERSION, 'Content-Type': 'application/json' }

/** Bodies that would be accepted but for what is then done to them. */
const CREATES: readonly [string, Json][] = [
  ['/v1/nodes', { driver: 'fake-hardware', name: 'never', extra: {}, properties: {} }],
  ['/v1/chassis', { description: 'never', extra: {} }],
  ['/v1/allocations', { resource_class: 'never', name: 'never', traits: [], extra: {} }],
  ['/v1/deploy_templates', { name: 'CUSTOM_NEVER', steps: [], extra: {} }],
]

function aimed(aim: Aim): [string, string, Json][] {
  const states = `/v1/nodes/${aim.node}/states`
  return [
    ...CREATES.map(([path, body]): [string, string, Json] => ['POST', path, body]),
    ['POST', '/v1/ports', { node_uuid: aim.node, address: '52:54:00:ff:ff:ff', extra: {} }],
    ['POST', '/v1/portgroups', { node_uuid: aim.node, name: 'never', properties: {} }],
    ['PUT', `${states}/provision`, { target: 'manage' }],
    ['PUT', `${states}/power`, { target: 'power on', timeout: 5 }],
    ['PUT', `/v1/nodes/${aim.node}/management/boot_device`, { boot_device: 'pxe' }],
    ['PUT', `/v1/nodes/${aim.node}/traits`, { traits: ['CUSTOM_A'] }],
    ['POST', `/v1/nodes/${aim.node}/vifs`, { id: 'aaaaaaaa-0000-4000-8000-000000000001' }],
  ]
}

/** Never right for a field that wants text, a number, a list or an object of text keys alike. */
const WRONG: readonly unknown[] = [
  [[[]]],
  [{ a: [null] }],
  Number.MAX_SAFE_INTEGER,
  -1.5,
  [1, 2, 3],
  'x'.repeat(70_000),
]

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

function write(method: string, path: string, body: Buffer, why: string): Wire {
  return { method, path, headers: JSON_TYPE, body, why }
}

function wrongType(dice: Dice, aim: Aim): Wire {
  const [method, path, body] = dice.pick(aimed(aim))
  const field = Object.keys(body)[0] ?? ''
  return write(method, path, json({ ...body, [field]: dice.pick(WRONG) }), `wrong ${field}`)
}

function unknownField(dice: Dice, aim: Aim): Wire {
  const targets = aimed(aim).filter(([method, path]) => method === 'POST' && !path.endsWith('vifs'))
  const [method, path, body] = dice.pick(targets)
  return write(method, path, json({ ...body, no_such_field: dice.next() }), 'unknown field')
}

function broken(dice: Dice, aim: Aim): Wire {
  const [method, path, body] = dice.pick(aimed(aim))
  const text = JSON.stringify(body)
  const cut = text.slice(0, 1 + Math.floor(dice.next() * (text.length - 2)))
  return write(method, path, Buffer.from(cut), 'broken JSON')
}

function notAnObject(dice: Dice, aim: Aim): Wire {
  const [method, path] = dice.pick(aimed(aim))
  const body = dice.pick(['null', '[]', '3', '"text"', 'true', '', '   ', 'NaN', '{"a":1}{'])
  return write(method, path, Buffer.from(body), `body ${body}`)
}

function badUtf8(dice: Dice, aim: Aim): Wire {
  const [method, path, body] = dice.pick(aimed(aim))
  const [head, tail] = [`{"${Object.keys(body)[0]}":"`, '"}']
  const bytes = dice.pick([
    [0xff],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
  ])
  const text = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)])
  return write(method, path, text, 'bad UTF-8')
}

function deep(dice: Dice, aim: Aim): Wire {
  const [method, path] = dice.pick(aimed(aim))
  const depth = dice.pick([30, 200, 5000, 100_000])
  const nested = dice.next() < 0.5 ? ['[', ']'] : ['{"a":', '}']
  const core = nested[0] === '[' ? '' : '1'
  const value = (nested[0] ?? '').repeat(depth) + core + (nested[1] ?? '').repeat(depth)
  return write(method, path, Buffer.from(`{"extra":${value}}`), `depth ${depth}`)
}

function oversized(dice: Dice, aim: Aim): Wire {
  const [method, path, body] = dice.pick(aimed(aim))
  const field = Object.keys(body)[0] ?? ''
  const size = dice.pick([2, 4, 70]) * 1024 * 1024
  return write(method, path, json({ ...body, [field]: 'x'.repeat(size) }), `${size} bytes`)
}

function badPatch(dice: Dice, aim: Aim): Wire {
  const path = dice.pick([
    `/v1/nodes/${aim.node}`,
    `/v1/ports/${aim.port}`,
    `/v1/chassis/${aim.chassis}`,
  ])
  const op = { op: 'replace', path: '/extra/never', value: 1 }
  const patch = dice.pick<unknown>([
    [op],
    [{ ...op, op: 'explode' }],
    [{ ...op, path: 'extra' }],
    [{ ...op, path: '/uuid', value: 'x' }],
    [{ ...op, path: '/no_such_field/deep' }],
    [{ ...op, path: 7 }],
    [{ op: 'remove', path: '/extra/never' }],
    [{ op: 'add', path: '/created_at', value: 'now' }],
    [{ op: 'add', path: '/extra', value: 'text' }],
    { op: 'add' },
    [[op]],
    [null],
    'add',
  ])
  return write('PATCH', path, json(patch), `patch ${JSON.stringify(patch)}`)
}

function badQuery(dice: Dice, aim: Aim): Wire {
  const list = dice.pick([
    '/v1/nodes',
    '/v1/ports',
    '/v1/chassis',
    '/v1/allocations',
    '/v1/portgroups',
  ])
  const query = dice.pick([
    'limit=-1',
    'limit=abc',
    'limit=1e309',
    'limit=99999999999999999999',
    'marker=never',
    'marker=%00',
    'sort_key=no_such_field',
    'sort_key=extra',
    'sort_dir=sideways',
    'fields=no_such_field',
    'fields=uuid&detail=true',
    'detail=perhaps',
    'associated=perhaps',
    'maintenance=%ff%fe',
    'node=%F0%28%8C%28',
    'limit=1&limit=x',
    `marker=${'a'.repeat(6000)}`,
    'instance_uuid=%27%20or%201=1--',
  ])
  return {
    method: 'GET',
    path: `${list}?${query}`,
    headers: VERSION,
    body: null,
    why: aim.node && query,
  }
}

function badPath(dice: Dice, aim: Aim): Wire {
  const path = dice.pick([
    '/v1/nodes/%00',
    '/v1/nodes/%ff%fe',
    '/v1/nodes/%2e%2e%2f%2e%2e',
    '/v1/nodes/..%5c..',
    `/v1/nodes/${'n'.repeat(7000)}`,
    `/v1/nodes/${aim.node}/no/such/thing`,
    '/v1/%zz',
    '//v1//nodes//x',
    '/v2/nodes',
    '/v1/drivers/%00/properties',
  ])
  const method = dice.pick(['GET', 'DELETE', 'PUT', 'PATCH', 'POST'])
  return { method, path, headers: JSON_TYPE, body: method === 'GET' ? null : json({}), why: path }
}

function badHeader(dice: Dice, aim: Aim): Wire {
  const [method, path, body] = dice.pick(aimed(aim))
  const headers = dice.pick<Record<string, string>>([
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': 'one' },
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': '1.99999' },
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': '1.' },
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': '-1.-1' },
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': '9'.repeat(400) },
    { ...JSON_TYPE, 'X-OpenStack-Ironic-API-Version': '3.0' },
  ])
  return { method, path, headers, body: json(body), why: 'bad version header' }
}

const KINDS = [
  wrongType,
  unknownField,
  broken,
  notAnObject,
  badUtf8,
  deep,
  oversized,
  badPatch,
  badQuery,
  badPath,
  badHeader,
]

/** The next invalid request. */
export function invalidRequest(dice: Dice, aim: Aim): Wire {
  return dice.pick(KINDS)(dice, aim)
}
