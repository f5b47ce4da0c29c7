import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deployTemplates } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'

let db: Database
let send: ReturnType<typeof apiClient>
const version = '1.115'
const path = '/v1/deploy_templates'
const step = { interface: 'deploy', step: 'upgrade', args: { a: 1 }, priority: 5 }

beforeAll(async () => {
  db = await testDatabase()
  send = apiClient(await testBed(db))
}, 30_000)
afterAll(() => db.close())
beforeEach(() => db.orm.delete(deployTemplates))

const post = (body: unknown) => send('POST', path, { version, body })

describe('deploy templates', () => {
  it('are created with steps, whose secrets are not shown', async () => {
    const steps = [{ ...step, args: { password: 'x', keep: 1 } }]
    const made = await post({ name: 'CUSTOM_A', steps })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toContain(`${path}/${made.body?.['uuid'] as string}`)
    const read = await send('GET', `${path}/CUSTOM_A`, { version })
    expect(Object.keys(read.body ?? {})).toEqual([
      'uuid',
      'created_at',
      'updated_at',
      'name',
      'extra',
      'links',
      'steps',
    ])
    expect(read.body?.['steps']).toEqual([
      { interface: 'deploy', step: 'upgrade', args: { password: '******', keep: 1 }, priority: 5 },
    ])
  })

  it.each([
    ['no name', { steps: [step] }, "Schema error for template: 'name' is a required property"],
    ['no steps', { name: 'CUSTOM_A', steps: [] }, 'Schema error for template: [] is too short'],
    [
      'a name that is no trait',
      { name: 'x', steps: [step] },
      "Schema error for template: 'x' is not valid under any of the given schemas. Possible root cause: 'x' does not match '^CUSTOM_[A-Z0-9_]+$'",
    ],
    [
      'a step twice',
      { name: 'CUSTOM_A', steps: [step, { ...step, priority: 9 }] },
      'Deploy template invalid: Duplicate deploy steps. A template cannot have multiple deploy steps with the same interface and step. Duplicates: interface: deploy, step: upgrade.',
    ],
    ['a bad UUID', { name: 'CUSTOM_A', steps: [step], uuid: 'x' }, 'Expected UUID for uuid: x'],
  ])('refuse %s', async (_what, body, fault) => {
    expect(await post(body)).toMatchObject({ status: 400, fault })
  })

  it('answer 409 for a name that exists', async () => {
    await post({ name: 'CUSTOM_A', steps: [step] })
    expect(await post({ name: 'CUSTOM_A', steps: [step] })).toMatchObject({
      status: 409,
      fault: 'A deploy template with name CUSTOM_A already exists.',
    })
  })

  it('keep steps that a patch does not touch in their place', async () => {
    const other = { ...step, step: 'b', priority: '7' }
    await post({ name: 'CUSTOM_A', steps: [step, other] })
    const patched = await send('PATCH', `${path}/CUSTOM_A`, {
      version,
      body: [{ op: 'replace', path: '/steps/0/args', value: {} }],
    })
    expect(patched.body?.['updated_at']).toBeNull()
    expect(patched.body?.['steps']).toEqual([
      { ...other, priority: 7 },
      { ...step, args: {} },
    ])
  })

  it('page by a marker and name the next page', async () => {
    for (const name of ['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C']) await post({ name, steps: [step] })
    const first = await send('GET', `${path}?limit=2`, { version })
    const next = first.body?.['next'] as string
    expect(next).toMatch(/\?sort_key=id&sort_dir=asc&fields=uuid,name&limit=2&marker=/)
    const second = await send('GET', new URL(next).pathname + new URL(next).search, { version })
    expect(second.body?.['deploy_templates']).toMatchObject([{ name: 'CUSTOM_C' }])
  })

  it.each([
    ['GET', 404],
    ['POST', 405],
  ])('do not exist below 1.55 (%s)', async (method, status) => {
    const reply = await send(method, path, { version: '1.54' })
    expect(reply).toMatchObject({
      status,
      fault: 'The API version does not allow deploy templates',
    })
  })
})
