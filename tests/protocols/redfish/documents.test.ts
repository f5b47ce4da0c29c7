import { describe, expect, it } from 'vitest'
import { faultOf, HttpFault } from '../../../src/protocols/redfish/errors.js'
import {
  listOf,
  load,
  number,
  optional,
  required,
  text,
} from '../../../src/protocols/redfish/loader.js'
import { quirksOf } from '../../../src/protocols/redfish/quirks.js'
import { attributeRules, readBios } from '../../../src/protocols/redfish/resources/bios.js'
import { bootOf, setBoot } from '../../../src/protocols/redfish/resources/boot.js'
import { members } from '../../../src/protocols/redfish/resources/collection.js'
import { findSystem, readSystem } from '../../../src/protocols/redfish/resources/system.js'
import {
  insertMedia,
  virtualDrives,
} from '../../../src/protocols/redfish/resources/virtual-media.js'
import { readTask } from '../../../src/protocols/redfish/tasks.js'
import { fixture, service, sessions, type Asked, type Given, type Handler } from './_service.js'

/** A service of documents by path; changes are accepted. */
const serving = (documents: Record<string, unknown>): Handler =>
  sessions((asked): Given | undefined => {
    if (asked.method !== 'GET') return { status: 204 }
    const json = documents[asked.path]
    return json === undefined ? undefined : { json }
  }).handler

const fault = (name: string, status = 400): HttpFault =>
  faultOf({ method: 'POST', url: 'http://bmc/x', status, body: fixture(name), retryAfter: null })

describe('the loader', () => {
  const document = (json: unknown) => ({ path: '/redfish/v1/Systems/1', json })
  const shape = {
    name: required('Name', text),
    size: optional('Memory/Total', number),
    kinds: optional('Kinds', listOf(text)),
  }

  it('reads what is there, lenient where makers are careless', () => {
    const read = load(shape, document({ Name: 7, Memory: { Total: '16' }, Kinds: ['a'] }))
    expect(read).toEqual({ name: '7', size: 16, kinds: ['a'] })
    expect(load(shape, document({ Name: 'x', Memory: null }))).toMatchObject({ size: null })
  })

  it.each([
    [{}, 'The attribute Name is missing from the resource /redfish/v1/Systems/1'],
    [
      { Name: 'x', Memory: { Total: {} } },
      'The attribute Memory/Total is malformed in the resource /redfish/v1/Systems/1: not a number',
    ],
    [
      { Name: 'x', Kinds: ['a', {}] },
      'The attribute Kinds/1 is malformed in the resource /redfish/v1/Systems/1: not a string',
    ],
    ['<html>', 'The attribute / is malformed in the resource /redfish/v1/Systems/1: not an object'],
  ])('names what is wrong with %j', (json, message) => {
    expect(() => load(shape, document(json))).toThrow(message)
  })
})

describe('what services say when they refuse', () => {
  it.each([
    ['error.json', 'The request body submitted was malformed'],
    ['error_single_ext_info.json', 'See Resolution for information on how to resolve the error.'],
    ['transfer_proto_required_error4.json', 'requires the parameter TransferProtocolType'],
    ['session_error.json', 'There is no valid session'],
  ])('%s', (name, part) => {
    expect(fault(name).detail).toContain(part)
    expect(fault(name).message).toMatch(/^HTTP POST http:\/\/bmc\/x returned code 400\. /)
  })

  it('is no reason to stumble when it is no JSON', () => {
    const bare = faultOf({ method: 'GET', url: 'u', status: 500, body: null, retryAfter: null })
    expect(bare.message).toBe(
      'HTTP GET u returned code 500. unknown error Extended information: None',
    )
  })
})

describe('virtual media', () => {
  const drive = {
    Id: 'CD1',
    MediaTypes: ['DVD'],
    Actions: { '#VirtualMedia.InsertMedia': { target: '/insert' } },
  }
  const insert = async (refusals: unknown[], image = 'http://host/i.iso'): Promise<unknown[]> => {
    const left = [...refusals]
    const sent: unknown[] = []
    const { handler } = sessions((asked: Asked) => {
      if (asked.path === '/insert') {
        sent.push(asked.body)
        const json = left.shift()
        return json === undefined ? { status: 204 } : { status: 400, json }
      }
      return { json: { Members: [{ '@odata.id': '/drive' }], ...drive } }
    })
    await using bmc = await service(handler)
    const [found] = await virtualDrives(bmc.talk, '/media')
    await insertMedia(bmc.talk, found!, image)
    return sent
  }

  it('needs no more than the image', async () => {
    expect(await insert([])).toEqual([{ Image: 'http://host/i.iso' }])
  })

  it.each([
    'transfer_proto_required_error.json',
    'transfer_proto_required_error2.json',
    'transfer_proto_required_error3.json',
    'transfer_proto_required_error4.json',
  ])('names the protocol where it is asked for (%s)', async (name) => {
    const sent = await insert([fixture(name)], 'https://host/i.iso')
    expect(sent.at(-1)).toEqual({ Image: 'https://host/i.iso', TransferProtocolType: 'HTTPS' })
  })

  it('gives all that is asked for, one after the other', async () => {
    const names = ['transfer_method_required_error.json', 'credentials_required_error.json']
    const sent = await insert(names.map(fixture))
    expect(sent).toHaveLength(3)
    expect(sent.at(-1)).toMatchObject({ TransferMethod: 'Stream', UserName: 'none' })
  })

  it('gives up on a refusal for another reason', async () => {
    await expect(insert([fixture('error.json')])).rejects.toBeInstanceOf(HttpFault)
  })
})

describe('boot', () => {
  const plain = quirksOf({ vendor: null }).quirks
  const base = fixture('systemv1_20.json') as Record<string, unknown>
  const patched = (asked: Asked[]) =>
    asked.filter((a) => a.method === 'PATCH').map((a) => ({ path: a.path, body: a.body }))

  it('changes the system itself', async () => {
    await using bmc = await service(serving({ '/s': base }))
    const system = await readSystem(bmc.talk, '/s')
    await setBoot(bmc.talk, system, { target: 'Pxe', enabled: 'Once' }, plain)
    expect(patched(bmc.asked)).toEqual([
      {
        path: '/s',
        body: { Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' } },
      },
    ])
  })

  it('takes "" for what is not set, and does not clear it (NVIDIA BlueField)', async () => {
    const unset = { BootSourceOverrideTarget: '', BootSourceOverrideMode: '', HttpBootUri: '' }
    await using bmc = await service(serving({ '/s': { Id: '1', Boot: unset } }))
    const system = await readSystem(bmc.talk, '/s')
    expect(bootOf(system)).toMatchObject({ target: null, mode: null })
    await setBoot(bmc.talk, system, { target: 'Pxe' }, plain)
    expect(patched(bmc.asked)).toEqual([
      { path: '/s', body: { Boot: { BootSourceOverrideTarget: 'Pxe' } } },
    ])
  })

  it.each([
    ['nokia', '/redfish/v1/Systems/Self/SD'],
    // Its settings show the boot order only, so the rest stays with the system.
    ['lenovo-se450', '/s'],
  ])('sends a change where the maker shows the property (%s)', async (maker, path) => {
    const settings = fixture(`settings-${maker}.json`) as Record<string, unknown>
    const body = fixture(`settings-body-${maker}.json`) as { '@odata.id': string }
    const documents = { '/s': { ...base, ...settings }, [body['@odata.id']]: body }
    await using bmc = await service(serving(documents))
    const system = await readSystem(bmc.talk, '/s')
    await setBoot(bmc.talk, system, { target: 'Pxe', mode: 'UEFI' }, plain)
    expect(patched(bmc.asked).map((p) => p.path)).toEqual([path])
  })

  it.each([
    ['Supermicro', { alwaysSendsEnabled: true, virtualCdIsUsbCd: true, forgetsBootMode: true }],
    ['AMI', { fullBootRequest: true }],
    ['American Megatrends International LLC.', { fullBootRequest: true }],
    ['ASRockRack', { fullBootRequest: true }],
    ['Dell Inc.', { fullBootRequest: false, onlyVirtualMediaSlot: null }],
  ])('%s has its own ways', (vendor, quirks) => {
    expect(quirksOf({ vendor }).quirks).toMatchObject(quirks)
  })

  it('an iDRAC 10 boots from one slot', () => {
    const maker = { vendor: 'Dell', managerModel: '17G Monolithic' }
    expect(quirksOf(maker).quirks.onlyVirtualMediaSlot).toBe('1')
    expect(quirksOf({ ...maker, managerModel: '16G Monolithic' }).names).toEqual([])
  })
})

describe('collections', () => {
  const links = { Members: [{ '@odata.id': '/a' }, { '@odata.id': '/b' }] }
  const each = {
    '/c': links,
    '/a': { '@odata.id': '/a', Id: 'a' },
    '/b': { '@odata.id': '/b', Id: 'b' },
  }
  const expand = { ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true } } }

  it('are read member by member', async () => {
    await using bmc = await service(serving(each))
    expect((await members(bmc.talk, '/c')).map((d) => d.path)).toEqual(['/a', '/b'])
  })

  it('are read at once where the service expands', async () => {
    const whole = { Members: [each['/a'], each['/b']] }
    const path = '/c?$expand=.($levels=1)'
    const handler = serving({ ...each, [path]: whole })
    await using bmc = await service((asked) =>
      asked.path === '/redfish/v1/' ? { json: expand } : handler(asked),
    )
    expect((await members(bmc.talk, '/c')).map((d) => d.path)).toEqual(['/a', '/b'])
    expect(bmc.asked.filter((a) => a.method === 'GET' && a.path !== '/redfish/v1/')).toHaveLength(1)
  })

  it('say which system, when there is one', async () => {
    const system = fixture('systemv1_20.json')
    const one = { Members: [{ '@odata.id': '/s' }] }
    await using bmc = await service(serving({ '/redfish/v1/Systems': one, '/s': system }))
    expect((await findSystem(bmc.talk, null)).model).toBe('3500')
    const two = { Members: [{ '@odata.id': '/s' }, { '@odata.id': '/t' }] }
    await using many = await service(serving({ '/redfish/v1/Systems': two, '/s': system }))
    await expect(findSystem(many.talk, null)).rejects.toThrow('redfish_system_id must be given')
  })
})

it('rules of BIOS settings are read as a maker writes them', async () => {
  const registry = 'BiosAttributeRegistryZT'
  const file = { Id: registry, Registry: registry, Location: [{ Language: 'en', Uri: '/r' }] }
  const documents = {
    '/regs': { Members: [{ '@odata.id': '/f' }] },
    '/f': file,
    '/r': fixture('bios_attribute_registry_zthardware.json'),
    '/s': { Id: '1', Bios: { '@odata.id': '/bios' } },
    '/bios': { Attributes: { TCG003: 'Enable' }, AttributeRegistry: registry },
  }
  const handler = serving(documents)
  await using bmc = await service((asked) =>
    asked.path === '/redfish/v1/'
      ? { json: { Registries: { '@odata.id': '/regs' } } }
      : handler(asked),
  )
  const bios = await readBios(bmc.talk, await readSystem(bmc.talk, '/s'))
  const rules = await attributeRules(bmc.talk, bios)
  const rule = rules.find((r) => r.name === 'TCG003')
  expect(rule).toMatchObject({
    type: 'Enumeration',
    values: ['Disable', 'Enable'],
    readOnly: false,
  })
})

it.each<[string, Given, string]>([
  ['one that runs', { status: 202, json: { TaskState: 'Running' } }, 'running'],
  ['one that says nothing yet', { status: 202 }, 'running'],
  ['one whose resource says it runs', { json: { TaskState: 'Starting' } }, 'running'],
  ['a captured one that is over', { json: fixture('task.json') }, 'done'],
  ['one that ended badly', { json: { TaskState: 'Exception', TaskStatus: 'Critical' } }, 'failed'],
  ['one that is over without a word', { status: 204 }, 'done'],
  ['one that answers with its error', { status: 400, json: fixture('error.json') }, 'failed'],
  ['one that is forgotten', { status: 404 }, 'gone'],
])('a task: %s', async (_name, given, phase) => {
  const { handler } = sessions(() => given)
  await using bmc = await service(handler)
  expect((await readTask(bmc.talk, '/task')).phase).toBe(phase)
})
