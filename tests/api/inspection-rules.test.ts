import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inspectionRules } from '../../src/db/schema/index.js'
import type { Database } from '../../src/db/types.js'
import { apiClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { testBed } from '../conductor/_harness.js'

let db: Database
let send: ReturnType<typeof apiClient>
const version = '1.96'
const path = '/v1/inspection_rules'
const actions = [{ op: 'fail', args: { msg: 'x' } }]

beforeAll(async () => {
  db = await testDatabase()
  send = apiClient(await testBed(db))
}, 30_000)
afterAll(() => db.close())
beforeEach(() => db.orm.delete(inspectionRules))

const post = (body: unknown) => send('POST', path, { version, body })

describe('inspection rules', () => {
  it('need no conditions, and are linked as upstream links them', async () => {
    const made = await post({ actions })
    expect(made.status).toBe(201)
    const uuid = made.body?.['uuid'] as string
    expect(made.headers.get('location')).toContain(`${path}/${uuid}`)
    expect(made.body).toMatchObject({
      priority: 0,
      phase: 'main',
      sensitive: false,
      conditions: [],
      actions,
      links: [{ href: `http://ferric.test/v1/inspection/${uuid}`, rel: 'self' }, {}],
    })
  })

  it('show a loop, and how its results count', async () => {
    const condition = { op: '!eq', args: { values: [1, '{item}'] }, loop: [1, 2] }
    const made = await post({ actions, conditions: [condition] })
    expect(made.body?.['conditions']).toEqual([{ ...condition, multiple: 'any' }])
  })

  it('hide what they do once they are sensitive', async () => {
    const uuid = randomUUID()
    const made = await post({ actions, conditions: [], uuid, sensitive: true })
    expect(made.body).toMatchObject({ sensitive: true, actions: null, conditions: null })
    const unset = await send('PATCH', `${path}/${uuid}`, {
      version,
      body: [{ op: 'replace', path: '/sensitive', value: false }],
    })
    expect(unset.fault).toBe(
      "Couldn't apply patch '[{'op': 'replace', 'path': '/sensitive', 'value': False}]'. Reason: Inspection rules cannot have the sensitive flag unset.",
    )
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no actions', { actions: [] }, 'Schema error: [] is too short'],
    ['another phase', { actions, phase: null }, 'Invalid phase: None. Valid phases are: main'],
    [
      'too high a priority',
      { actions, priority: 10000, phase: 'x' },
      'Multiple validation errors occurred: Invalid phase: x. Valid phases are: main; Priority must be between 0 and 9999 for user-defined rules.',
    ],
    [
      'wrong arguments',
      { actions: [{ op: 'fail', args: { foo: 1 } }] },
      'missing required argument(s): msg; unexpected argument(s): foo',
    ],
    [
      'too few in a list',
      { actions, conditions: [{ op: 'matches', args: ['x'] }] },
      'Not enough arguments provided. Missing: regex',
    ],
  ])('refuse %s', async (_what, body, fault) => {
    expect(await post(body)).toMatchObject({ status: 400, fault })
  })

  it('are listed in short form, with a link that keeps the filter', async () => {
    await post({ actions, conditions: [] })
    const page = await send('GET', `${path}?limit=1&phase=main`, { version })
    const [rule] = (page.body?.['inspection_rules'] ?? []) as Record<string, unknown>[]
    expect(Object.keys(rule!)).toEqual(['uuid', 'description', 'priority', 'phase', 'links'])
    expect(page.body?.['next']).toContain(
      '/v1/inspection_rules?sort_key=id&sort_dir=asc&phase=main&fields=uuid,priority,phase,description&limit=1&marker=',
    )
  })

  it('ignore changes of what they do not show', async () => {
    const uuid = randomUUID()
    await post({ actions, conditions: [], uuid })
    const reply = await send('PATCH', `${path}/${uuid}`, {
      version,
      body: [{ op: 'replace', path: '/scope', value: 'x' }],
    })
    expect(reply).toMatchObject({ status: 200, body: { updated_at: null } })
  })
})
