import { expect, it } from 'vitest'
import { service, Services, type ServiceContext } from '../src/services.js'
import { scannedLog } from './_util/scanned-log.js'

interface Ctx extends ServiceContext {
  readonly label: string
}

const contextOf = (label = 'first'): Ctx => ({ label, services: new Services(scannedLog()) })

/** Two services, the second of which uses the first. */
function declare(closed: string[]) {
  const base = service({
    name: 'base',
    create: (ctx: Ctx) => ({ label: ctx.label }),
    close: () => void closed.push('base'),
  })
  const user = service({
    name: 'user',
    create: (ctx: Ctx) => ({ base: base(ctx) }),
    close: () => void closed.push('user'),
  })
  return { base, user }
}

it('creates a service once and shares it with copies of the context', () => {
  const { base } = declare([])
  const ctx = contextOf()
  expect(base(ctx)).toBe(base({ ...ctx, label: 'copy' }))
  expect(base(ctx).label).toBe('first')
  expect(base(contextOf())).not.toBe(base(ctx))
})

it('closes the user of a service before the service, and creates none afterwards', async () => {
  const closed: string[] = []
  const { base, user } = declare(closed)
  const ctx = contextOf()
  user(ctx)
  await ctx.services.close()
  expect(closed).toEqual(['user', 'base'])
  expect(() => user(contextOf())).not.toThrow()
  const late = service({ name: 'late', create: (_ctx: Ctx) => 1 })
  expect(() => late(ctx)).toThrow(/late/)
  expect(base(ctx).label).toBe('first')
})

it('closes the other services when one cannot be closed', async () => {
  const closed: string[] = []
  const { base } = declare(closed)
  const broken = service({
    name: 'broken',
    create: (_ctx: Ctx) => 1,
    close: () => Promise.reject(new Error('no connection')),
  })
  const ctx = contextOf()
  base(ctx)
  broken(ctx)
  await ctx.services.close()
  expect(closed).toEqual(['base'])
})

it('returns a provided instance and leaves closing it to its provider', async () => {
  const closed: string[] = []
  const { base } = declare(closed)
  const ctx = contextOf()
  const instance = { label: 'provided' }
  ctx.services.provide(base, instance)
  expect(base(ctx)).toBe(instance)
  await ctx.services.close()
  expect(closed).toEqual([])
})
