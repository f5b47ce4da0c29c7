// How the drivers behave towards a BMC: one session, one request at a time, tags; and its event subscriptions.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import type { JsonObject } from '../../../src/db/columns.js'
import {
  captured,
  mockupService,
  type Behaviour,
  type MockupService,
} from '../../_util/redfish/mockup-service.js'
import { testTask, type TestTask } from '../_util/task.js'

let service: MockupService
beforeEach(async () => {
  service = await mockupService(captured('contoso'))
})
afterEach(async () => service[Symbol.asyncDispose]())

const account = { redfish_username: 'admin', redfish_password: 'top-secret' }
const taskOn = (driverInfo: JsonObject, url = service.url): Promise<TestTask> =>
  testTask({
    node: { driver: 'redfish', driverInfo: { redfish_address: url, ...driverInfo } },
    config: {
      DEFAULT: { enabled_hardware_types: ['redfish'] },
      redfish: { connection_attempts: 1 },
    },
    ctx: { clock: systemClock },
  })
const of = (method: string, path: RegExp): number =>
  service.asked.filter((asked) => asked.method === method && path.test(asked.path)).length
const sessions = /SessionService\/Sessions/

/** Sessions as the standard has them. */
const loggingIn: Behaviour = ({ method, path }) => {
  if (!sessions.test(path)) return undefined
  if (method === 'DELETE') return { status: 204 }
  const headers = { 'X-Auth-Token': 'token', Location: `${path}/7` }
  return { status: 201, headers, json: {} }
}

describe('the session of a BMC', () => {
  it('is one for all work of a process, and deleted when that ends', async () => {
    service.behave(loggingIn)
    const task = await taskOn(account)
    await task.driver.power.getPowerState(task)
    await task.driver.management.getBootDevice(task)
    expect(of('POST', sessions)).toBe(1)
    expect(of('DELETE', sessions)).toBe(0)
    await task.ctx.services.close()
    expect(of('DELETE', /Sessions\/7$/)).toBe(1)
  })

  it('is made again after a password was changed, and the old one refused', async () => {
    service.behave(loggingIn)
    const task = await taskOn(account)
    await task.driver.power.getPowerState(task)
    task.node.driverInfo = { ...task.node.driverInfo, redfish_password: 'another' }
    await task.driver.power.getPowerState(task)
    expect(of('POST', sessions)).toBe(2)
    await task.ctx.services.close()
    expect(of('DELETE', sessions)).toBe(2)
  })
})

it('a BMC never has two requests, or two connections, at once', async () => {
  let open = 0
  let most = 0
  let connections = 0
  let mostConnections = 0
  const pass = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    most = Math.max(most, ++open)
    await sleep(10)
    const real = await fetch(`${service.url}${request.url ?? ''}`)
    open -= 1
    answer.writeHead(real.status, { 'Content-Type': 'application/json' })
    answer.end(Buffer.from(await real.arrayBuffer()))
  }
  const slow = createServer((request, answer) => {
    pass(request, answer).catch(() => request.socket.destroy())
  })
  slow.on('connection', (socket) => {
    mostConnections = Math.max(mostConnections, ++connections)
    socket.once('close', () => (connections -= 1))
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  const address = slow.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const task = await taskOn({}, `http://127.0.0.1:${address.port}`)
  const { management, power } = task.driver
  await Promise.all([
    ...Array.from({ length: 5 }, () => power.getPowerState(task)),
    management.getBootDevice(task),
    management.getSensorsData?.(task),
    management.getMacAddresses?.(task),
  ])
  expect(most).toBe(1)
  expect(mostConnections).toBe(1)
  await task.ctx.services.close()
  slow.closeAllConnections()
  await new Promise((resolve) => slow.close(resolve))
})

it('a change carries the tag of what was read', async () => {
  const system = '/redfish/v1/Systems/437XR1138R2'
  const tags: unknown[] = []
  service.behave(({ method, path }) => (method === 'PATCH' && path === system ? {} : undefined))
  service.onHeaders(({ method, headers }) => {
    if (method === 'PATCH') tags.push(headers['if-match'])
  })
  const tag = 'W/"1"'
  service.documents.set(system, {
    ...(service.documents.get(system) as object),
    '@odata.etag': tag,
  })
  const task = await taskOn({})
  await task.driver.management.setBootDevice(task, 'disk', false)
  expect(tags).toEqual([tag])
})

describe('event subscriptions', () => {
  const list = '/redfish/v1/EventService/Subscriptions'
  const call = async (name: string, args: JsonObject, method: string): Promise<unknown> => {
    const task = await taskOn({})
    const { vendor } = task.driver
    await vendor.validateMethod(task, name, args)
    return await vendor.nodeMethods[name]?.run(task, args, method)
  }

  it('are listed and shown', async () => {
    expect(await call('get_all_subscriptions', {}, 'GET')).toMatchObject({
      Members: [1, 2].map((id) => ({ '@odata.id': `${list}/${id}` })),
    })
    expect(await call('get_subscription', { id: '2' }, 'GET')).toEqual({
      Id: '2',
      Context: 'IronicContext',
      Protocol: 'Redfish',
      Destination: 'https://localhost/RedfishEvents/EventReceiver.php',
      EventTypes: ['Alert'],
    })
  })

  it('are made, of events that the service sends', async () => {
    service.behave(({ method, path, body }, documents) => {
      if (method !== 'POST' || path !== list) return undefined
      documents.set(`${list}/4`, { ...(body as object), Id: '4', Name: 'Subscription 4' })
      return { status: 201, headers: { Location: `${list}/4` } }
    })
    const asked = { Destination: 'https://events/x', Context: 'rack', EventTypes: ['Alert'] }
    expect(await call('create_subscription', asked, 'POST')).toEqual({
      ...asked,
      Id: '4',
      Protocol: 'Redfish',
    })
    await expect(
      call('create_subscription', { ...asked, EventTypes: ['Party'] }, 'POST'),
    ).rejects.toThrow('is not a valid value, allowed values')
  })

  it('are deleted; one that is not there is said to be none', async () => {
    service.behave(({ method, path }, documents) =>
      method === 'DELETE' && documents.delete(path) ? { status: 204 } : undefined,
    )
    await call('delete_subscription', { id: '2' }, 'DELETE')
    expect(service.documents.has(`${list}/2`)).toBe(false)
    await expect(call('delete_subscription', { id: '2' }, 'DELETE')).rejects.toThrow(
      'Redfish delete_subscription failed for subscription 2',
    )
  })
})
