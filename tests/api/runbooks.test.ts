import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runbooks } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'

let db: Database
let send: ReturnType<typeof apiClient>
const version = '1.112'
const path = '/v1/runbooks'
const step = { interface: 'bios', step: 'apply', order: 1 }

beforeAll(async () => {
  db = await testDatabase()
  send = apiClient(await testBed(db))
}, 30_000)
afterAll(() => db.close())
beforeEach(() => db.orm.delete(runbooks))

const post = (body: unknown, at = version) => send('POST', path, { version: at, body })
const patch = (ops: unknown) => send('PATCH', `${path}/CUSTOM_A`, { version, body: ops })

describe('runbooks', () => {
  it('have a free name and a description since 1.112', async () => {
    const body = { name: 'any.name', description: 'd', steps: [step] }
    expect(await post(body)).toMatchObject({ status: 201, body: { description: 'd', traits: [] } })
    expect((await post({ name: 'other.name', steps: [step] }, '1.111')).status).toBe(400)
    const old = await send('GET', `${path}/any.name`, { version: '1.111' })
    expect(old.body).not.toHaveProperty('description')
    expect(old.body).not.toHaveProperty('traits')
  })

  it('refuse members that a version does not know', async () => {
    const reply = await post({ name: 'CUSTOM_A', description: 'd', steps: [step] }, '1.111')
    expect(reply.fault).toBe(
      "Schema error for runbook: Additional properties are not allowed ('description' was unexpected)",
    )
  })

  it('cannot be owned and public', async () => {
    await post({ name: 'CUSTOM_A', steps: [step], public: true })
    const owner = { op: 'replace', path: '/owner', value: 'me' }
    const refused = await patch([owner])
    expect(refused.status).toBe(400)
    expect(refused.fault).toMatch(/Reason: There cannot be an owner for a public runbook$/)
    const both = await patch([{ op: 'replace', path: '/public', value: false }, owner])
    expect(both.body).toMatchObject({ public: false, owner: 'me' })
  })

  it.each([
    ['text for an order', { ...step, args: {}, order: '5' }, "'5' is not of type 'integer'"],
    ['no args', step, "'args' is a required property"],
    [
      'an unknown interface',
      { ...step, args: {}, interface: 'x' },
      "'x' is not one of ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid']",
    ],
  ])('refuse a patched step with %s', async (_what, value, fault) => {
    await post({ name: 'CUSTOM_A', steps: [step] })
    const reply = await patch([{ op: 'replace', path: '/steps', value: [value] }])
    expect(reply).toMatchObject({ status: 400, fault: `Schema error for patch: ${fault}` })
  })

  it('keep a sorted set of traits', async () => {
    await post({ name: 'CUSTOM_A', steps: [step] })
    const traits = `${path}/CUSTOM_A/traits`
    const list = async () => (await send('GET', traits, { version })).body?.['traits']
    await send('PUT', traits, { version, body: { traits: ['CUSTOM_Z', 'CUSTOM_B'] } })
    const added = await send('PUT', `${traits}/CUSTOM_C`, { version })
    expect(added.status).toBe(204)
    expect(added.headers.get('location')).toMatch(/CUSTOM_A\/traits\/CUSTOM_C$/)
    expect(await list()).toEqual(['CUSTOM_B', 'CUSTOM_C', 'CUSTOM_Z'])
    expect((await send('DELETE', `${traits}/CUSTOM_B`, { version })).status).toBe(204)
    expect((await send('DELETE', `${traits}/CUSTOM_B`, { version })).status).toBe(204)
    expect(await list()).toEqual(['CUSTOM_C', 'CUSTOM_Z'])
    await send('DELETE', traits, { version })
    expect(await list()).toEqual([])
  })

  it('list only public ones for ?project=true', async () => {
    await post({ name: 'CUSTOM_A', steps: [step], public: true })
    await post({ name: 'CUSTOM_B', steps: [step] })
    const reply = await send('GET', `${path}?project=true`, { version })
    expect(reply.body?.['runbooks']).toMatchObject([{ name: 'CUSTOM_A' }])
  })
})
