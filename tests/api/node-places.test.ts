// Sub-resources of a node stand beside the nodes too, and arguments may come in another place.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, openBench, type Bench } from './_node-bench.js'

let bench: Bench
const version = '1.115'
const send = (method: string, path: string, body?: object) =>
  bench.send(method, `/v1/${path}`, { version, body })

beforeAll(async () => {
  bench = await openBench({ agent: { require_tls: false } })
  await bench.add({ name: 'n1', driverInternalInfo: { agent_secret_token: 'abc' } })
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

describe('a sub-resource asked for beside the nodes', () => {
  it.each([
    'states',
    'states/console',
    'management/boot_device',
    'management/boot_device/supported',
  ])('%s takes the node last', async (place) => {
    const usual = await send('GET', `nodes/n1/${place}`)
    expect(usual.status).toBe(200)
    expect((await send('GET', `nodes/${place}/n1`)).body).toEqual(usual.body)
  })

  it('can be written there', async () => {
    expect((await send('PUT', 'nodes/maintenance/n1', { reason: 'fans' })).status).toBe(202)
    expect((await send('GET', 'nodes/n1')).body).toMatchObject({ maintenance_reason: 'fans' })
    expect((await send('DELETE', 'nodes/maintenance/n1')).status).toBe(202)
  })

  it('misses the node without one', async () => {
    const reply = await send('GET', 'nodes/states/console')
    expect(answer(reply)).toEqual([400, 'Missing mandatory parameter: node_ident'])
  })
})

it('a heartbeat may name its node in the body', async () => {
  const body = { callback_url: 'http://127.0.0.1:9999', agent_token: 'abc', agent_version: '9' }
  expect((await send('POST', 'heartbeat', { ...body, node_ident: 'n1' })).status).toBe(202)
  expect(answer(await send('POST', 'heartbeat', body))).toEqual([
    400,
    'Missing mandatory parameter: node_ident',
  ])
})
