import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inventory, outcome, type Inventory } from '../_util/inventory.js'

let inv: Inventory
const version = '1.115'

beforeAll(async () => {
  inv = await inventory()
}, 30_000)
afterAll(() => inv[Symbol.asyncDispose]())
beforeEach(() => inv.clear())

describe('shards', () => {
  const get = (v = version, path = '') => inv.send('GET', `/v1/shards${path}`, { version: v })

  it('are counted, the biggest first; nodes without one count for None', async () => {
    expect((await get()).body).toEqual({ shards: [] })
    for (const shard of ['beta', 'alpha', 'beta', null, 'Gamma']) await inv.node({ shard })
    expect((await get('1.82')).body).toEqual({
      shards: [
        { name: 'beta', count: 2 },
        { name: 'None', count: 1 },
        { name: 'Gamma', count: 1 },
        { name: 'alpha', count: 1 },
      ],
    })
  })

  it('are nothing but a list, and not before 1.82', async () => {
    const early = [404, 'The API version does not allow shards']
    expect(outcome(await get('1.81'))).toEqual(early)
    expect(outcome(await get('1.81', '/alpha'))).toEqual(early)
    expect(outcome(await get(version, '/alpha'))).toEqual([404, 'The resource could not be found.'])
    expect((await get(version, '?limit=1')).status).toBe(400)
    const posted = await inv.send('POST', '/v1/shards', { version, body: {} })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('events', () => {
  const event = {
    event: 'network.bind_port',
    port_id: '11111111-aaaa-bbbb-cccc-555555555555',
    mac_address: 'de:ad:CA:FE:aa:bb',
    status: 'ACTIVE',
  }
  const post = (body: unknown, v = version) => inv.send('POST', '/v1/events', { version: v, body })

  it('are taken from 1.54 on', async () => {
    const all = { device_id: null, 'binding:host_id': null, 'binding:vnic_type': 'baremetal' }
    expect((await post({ events: [event, { ...event, ...all }] }, '1.54')).status).toBe(204)
    expect(outcome(await post({ events: [event] }, '1.53'))).toEqual([
      404,
      'The API is not supported for this version',
    ])
  })

  it.each([
    ['no list', {}, "'events' is a required property"],
    ['an empty list', { events: [] }, '[] is too short'],
    ['another member', { events: [event], a: 1 }, "Additional properties are not allowed ('a' was unexpected)"],
    ['an unknown event', { events: [{ ...event, event: 'x' }] }, "'x' is not one of ['network.bind_port', 'network.unbind_port', 'network.delete_port']"],
    ['a bad port', { events: [{ ...event, port_id: 'x' }] }, "'x' is not a 'uuid'"],
    ['a bad address', { events: [{ ...event, mac_address: 'x' }] }, "'x' is not a 'mac-address'"],
    ['a bad host', { events: [{ ...event, 'binding:host_id': 1 }] }, "1 is not of type 'string', 'null'"],
    ['no status', { events: [{ ...event, status: undefined }] }, "'status' is a required property"],
    ['a member too many', { events: [{ ...event, b: 1 }] }, "Additional properties are not allowed ('b' was unexpected)"],
  ])('are refused with %s', async (_what, body, fault) => {
    expect(outcome(await post(body))).toEqual([400, `Schema error: ${fault}`])
  }) // prettier-ignore
})
