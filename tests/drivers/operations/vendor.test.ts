import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  callDriverVendorMethod,
  callNodeVendorMethod,
  listDriverVendorMethods,
  listNodeVendorMethods,
} from '../../../src/conductor/operations/vendor.js'
import { ringOf } from '../../../src/conductor/cluster/ring.js'
import { conductorHardwareInterfaces, conductors, tasks } from '../../../src/db/schema/index.js'
import { hardwareType } from '../../../src/drivers/hardware/declare.js'
import type { VendorInterface } from '../../../src/drivers/interfaces.js'
import { fakeVendor } from '../../../src/drivers/vendor/fake.js'
import { passthru } from '../../../src/drivers/vendor/methods.js'
import { drain, nodeOf, someone } from '../../conductor/_harness.js'
import { operationsBed, statusOf, textOf } from './_bed.js'

const seen: unknown[] = []
const note = (what: unknown) => Promise.resolve(void seen.push(what))
const acme: VendorInterface = {
  ...fakeVendor,
  name: 'acme',
  nodeMethods: {
    work: passthru('', async (task, args, verb) => {
      await note([verb, args, task.shared])
      task.node.extra = { worked: true }
    }),
    look: passthru('', (task) => note(['look', task.shared]), { requireExclusiveLock: false }),
    fail: passthru('', () => Promise.reject(new TypeError('bad thing')), { async: false }),
    file: passthru('', () => Promise.resolve('bytes'), { async: false, attach: true }),
  },
  driverMethods: {
    ask: {
      httpMethods: ['GET'],
      async: false,
      attach: false,
      description: 'Ask',
      run: (args) => Promise.resolve({ args }),
    },
    tell: {
      httpMethods: ['POST'],
      async: true,
      attach: false,
      description: '',
      run: (args, verb) => note([verb, args]),
    },
  },
}
const acmeHardware = hardwareType({
  name: 'acme',
  className: 'AcmeHardware',
  supported: { power: ['fake'], management: ['noop'], vendor: ['acme'] },
})

const bed = operationsBed(
  {
    DEFAULT: {
      enabled_hardware_types: ['fake-hardware', 'manual-management', 'acme'],
      enabled_vendor_interfaces: ['fake', 'no-vendor', 'acme'],
    },
  },
  [{ hardwareTypes: [acmeHardware], interfaces: [acme] }],
)

describe('vendor methods of a node', () => {
  it('are listed as upstream lists them', async () => {
    const { uuid } = await bed.node({ reservation: 'elsewhere' })
    const methods = await listNodeVendorMethods(bed.ctx, someone, uuid)
    expect(methods['second_method']).toEqual({
      http_methods: ['POST'],
      async: true,
      description: 'Test if the value of bar is kazoo',
      attach: false,
      require_exclusive_lock: true,
    })
    const none = await bed.node({ vendorInterface: 'no-vendor' })
    expect(await listNodeVendorMethods(bed.ctx, someone, none.uuid)).toEqual({})
  })

  it('answer at once when they are synchronous', async () => {
    const { uuid } = await bed.node()
    const call = (bar: string) =>
      callNodeVendorMethod(bed.ctx, someone, uuid, 'third_method_sync', 'post', { bar })
    expect(await call('meow')).toEqual({ async: false, attach: false, value: true })
    expect(await call('x')).toEqual({ async: false, attach: false, value: false })
    const acmeNode = await bed.node({ vendorInterface: 'acme' })
    expect(await callNodeVendorMethod(bed.ctx, someone, acmeNode.uuid, 'file', 'POST', {})).toEqual(
      { async: false, attach: true, value: 'bytes' },
    )
  })

  it('go on in the background under the lock when they are not', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ vendorInterface: 'acme' })
    seen.length = 0
    const answer = await callNodeVendorMethod(ctx, someone, uuid, 'work', 'POST', { a: 1 })
    expect(answer).toEqual({ async: true, attach: false, value: null })
    expect((await nodeOf(ctx, id)).reservation).toBe(ctx.host)
    await drain(ctx)
    expect(seen).toEqual([['POST', { a: 1 }, false]])
    expect(await nodeOf(ctx, id)).toMatchObject({ reservation: null, extra: { worked: true } })
    expect(await ctx.db.orm.select().from(tasks)).toEqual([])
  })

  it('do without the lock when they may', async () => {
    const { ctx } = bed
    const { uuid } = await bed.node({ vendorInterface: 'acme', reservation: 'elsewhere' })
    seen.length = 0
    await callNodeVendorMethod(ctx, someone, uuid, 'look', 'POST', {})
    await drain(ctx)
    expect(seen).toEqual([['look', true]])
    expect(await ctx.db.orm.select().from(tasks)).toEqual([])
  })

  it('are not run again after their process died', async () => {
    const { ctx } = bed
    const { id, uuid } = await bed.node({ vendorInterface: 'acme' })
    seen.length = 0
    await callNodeVendorMethod(ctx, someone, uuid, 'work', 'POST', {})
    await ctx.db.orm.update(tasks).set({ attempts: 1 })
    await drain(ctx)
    expect(seen).toEqual([])
    expect(await nodeOf(ctx, id)).toMatchObject({
      reservation: null,
      lastError:
        'Async execution of vendor_passthru failed with error: the vendor method work was interrupted and was not run again',
    })
  })

  it.each<[string, string, string, string, number]>([
    ['no such method', 'nope', 'POST', 'No handler for method nope', 400],
    ['a property of objects', 'constructor', 'POST', 'No handler for method constructor', 400],
    [
      'another verb',
      'second_method',
      'get',
      'The method second_method does not support HTTP GET',
      400,
    ],
    [
      'a missing argument',
      'second_method',
      'POST',
      "Parameter 'bar' not passed to method 'second_method'.",
      400,
    ],
  ])('refuse %s', async (_scenario, method, verb, text, status) => {
    const { uuid } = await bed.node()
    const call = () => callNodeVendorMethod(bed.ctx, someone, uuid, method, verb, {})
    expect(await textOf(call())).toBe(text)
    expect(await statusOf(call())).toBe(status)
  })

  it('that break are a 500 with their text', async () => {
    const { uuid } = await bed.node({ vendorInterface: 'acme' })
    const call = () => callNodeVendorMethod(bed.ctx, someone, uuid, 'fail', 'POST', {})
    expect(await textOf(call())).toBe('bad thing')
    expect(await statusOf(call())).toBe(500)
  })

  it('ask for the lock before they judge their arguments', async () => {
    const { uuid } = await bed.node({ reservation: 'elsewhere' })
    const call = callNodeVendorMethod(bed.ctx, someone, uuid, 'second_method', 'POST', {})
    expect(await statusOf(call)).toBe(409)
  })
})

describe('vendor methods of a driver', () => {
  it('are listed without a word on locks', () => {
    expect(listDriverVendorMethods(bed.ctx, 'acme')['ask']).toEqual({
      http_methods: ['GET'],
      async: false,
      description: 'Ask',
      attach: false,
    })
    expect(listDriverVendorMethods(bed.ctx, 'manual-management')).toEqual({})
  })

  it('answer, or go on in the background', async () => {
    const { ctx } = bed
    const asked = await callDriverVendorMethod(ctx, someone, 'acme', 'ask', 'GET', { a: 1 })
    expect(asked).toEqual({ async: false, attach: false, value: { args: { a: 1 } } })
    seen.length = 0
    const told = await callDriverVendorMethod(ctx, someone, 'acme', 'tell', 'POST', { b: 2 })
    expect(told).toEqual({ async: true, attach: false, value: null })
    await drain(ctx)
    expect(seen).toEqual([['POST', { b: 2 }]])
  })

  it('go to a group of conductors that has the driver, and to nobody when none has', async () => {
    const { ctx } = bed
    const tell = () => callDriverVendorMethod(ctx, someone, 'acme', 'tell', 'POST', {})
    await ctx.db.orm.update(conductors).set({ conductorGroup: 'rack1' })
    ringOf(ctx).reset()
    await tell()
    expect(ctx.queue.messages.map((m) => m.queue)).toEqual(['conductor:rack1:acme'])
    await drain(ctx)
    await ctx.db.orm
      .delete(conductorHardwareInterfaces)
      .where(eq(conductorHardwareInterfaces.hardwareType, 'acme'))
    ringOf(ctx).reset()
    expect(await textOf(tell())).toBe(
      'Could not find the following driver(s) or hardware type(s): acme.',
    )
    expect(await ctx.db.orm.select().from(tasks)).toEqual([])
  })

  it('refuse what does not exist', async () => {
    const call = (driver: string, method: string, verb: string) =>
      textOf(callDriverVendorMethod(bed.ctx, someone, driver, method, verb, {}))
    expect(await call('manual-management', 'nope', 'POST')).toBe('No handler for method nope')
    expect(await call('acme', 'ask', 'POST')).toBe('The method ask does not support HTTP POST')
    expect(await call('nope', 'ask', 'GET')).toBe(
      'Could not find the following driver(s) or hardware type(s): nope.',
    )
  })
})
