import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow
const path = () => `/v1/nodes/${node.uuid}/states/power`

beforeAll(async () => {
  bench = await openBench()
  node = await bench.add({ name: 'n1', powerState: 'power off' })
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())

const notIn = (action: string, who: string, state: string) =>
  `The requested action "${action}" can not be performed on node "${who}" while it is in state "${state}".`

describe('PUT states/power', () => {
  it.each([
    [{}, version, 400, 'Missing mandatory parameter: target'],
    [{ target: 1 }, version, 400, 'Expected string for target: 1'],
    [{ target: 'power on', x: 1 }, version, 400, 'Unexpected arguments: x'],
    [{ target: 'power on', timeout: 'x' }, version, 400, 'Expected an integer for timeout: x'],
    [{ target: 'power on', timeout: 0 }, version, 400, 'timeout has to be positive integer'],
    [{ target: 'power on', timeout: -1 }, version, 400, 'timeout has to be positive integer'],
    [{ target: 'power on', timeout: 5 }, '1.26', 406, 'Request not acceptable.'],
    [{ target: 'soft rebooting' }, '1.26', 406, 'Request not acceptable.'],
    [{ target: 'soft power off' }, '1.26', 406, 'Request not acceptable.'],
    [{ target: 'bogus' }, version, 400, notIn('bogus', 'n1', 'power off')],
    [{ target: null }, version, 400, notIn('None', 'n1', 'power off')],
  ])('refuses %j at %s', async (body, at, status, text) => {
    const reply = await bench.send('PUT', '/v1/nodes/n1/states/power', { version: at, body })
    expect(answer(reply)).toEqual([status, text])
  })

  it('is refused while the node is cleaned, and where power off is disabled', async () => {
    const cleaning = await bench.add({ provisionState: 'clean wait' })
    const send = (who: NodeRow, target: string) =>
      bench.send('PUT', `/v1/nodes/${who.uuid}/states/power`, { version, body: { target } })
    expect(answer(await send(cleaning, 'power on'))).toEqual([
      400,
      notIn('power on', cleaning.uuid, 'clean wait'),
    ])
    const kept = await bench.add({ disablePowerOff: true })
    const text = 'Failed to set node power state to soft power off.'
    expect(answer(await send(kept, 'soft power off'))).toEqual([409, text])
  })

  it.each([
    ['as a member', () => path(), { target: 'power on' }],
    ['as a query argument', () => `${path()}?target=power%20on`, undefined],
    ['as a path segment', () => `${path()}/power%20on`, undefined],
  ])('takes its target %s', async (_how, where, body) => {
    await bench.change(node, { powerState: 'power off' })
    const reply = await bench.send('PUT', where(), { version, body })
    expect(reply.status).toBe(202)
    expect(reply.body).toBeNull()
    expect(reply.headers.get('location')).toBe(`http://ferric.test/v1/nodes/${node.uuid}/states`)
    expect((await bench.read(node)).targetPowerState).toBe('power on')
    await bench.settle()
    expect(await bench.read(node)).toMatchObject({
      powerState: 'power on',
      targetPowerState: null,
      reservation: null,
    })
  })

  it('is refused while somebody else has the node', async () => {
    const locked = await bench.add({ reservation: 'other' })
    const reply = await bench.send('PUT', `/v1/nodes/${locked.uuid}/states/power`, {
      version,
      body: { target: 'power on' },
    })
    expect(answer(reply)).toEqual([
      409,
      `Node ${locked.uuid} is locked by host other, please retry after the current operation is completed.`,
    ])
  })
})
