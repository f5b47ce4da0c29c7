// Every kind of error that is thrown or met here, as it stands in the log.
import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { request } from 'undici'
import { afterAll, describe, expect, it } from 'vitest'
import { nodes } from '../../src/db/schema/index.js'
import { InstanceDeployFailure } from '../../src/drivers/errors.js'
import { Invalid, ServerError } from '../../src/errors.js'
import { mostBytes } from '../../src/log/line.js'
import { AgentRefused } from '../../src/protocols/ipa/errors.js'
import { IpmiTimeout } from '../../src/protocols/ipmi/errors.js'
import { ConnectionFailed, HttpFault } from '../../src/protocols/redfish/errors.js'
import { capturedLog } from '../_util/captured-log.js'
import { testDatabase } from '../_util/database.js'

const canary = 'canary-4f1d9e'
const db = await testDatabase()
afterAll(() => db.close())

interface LoggedError {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
  readonly cause?: LoggedError
  readonly errors?: readonly LoggedError[]
}

function logged(error: unknown): { error: LoggedError; line: string } {
  const { log, lines, text } = capturedLog()
  log.conductor.error({ error }, 'a task failed')
  expect(Buffer.byteLength(text())).toBeLessThanOrEqual(mostBytes)
  return { error: lines[0]?.['error'] as LoggedError, line: text() }
}

const rejection = (work: PromiseLike<unknown>): Promise<Error> =>
  Promise.resolve(work).then(
    () => expect.fail('the work succeeded'),
    (error: unknown) => error as Error,
  )

const queries: readonly (readonly [string, () => PromiseLike<unknown>])[] = [
  [
    'a column that is missing',
    () => db.orm.execute(sql`insert into nodes (nonsense) values (${canary})`),
  ],
  [
    'a value that is too long',
    () =>
      db.orm
        .insert(nodes)
        .values({ uuid: canary.repeat(9), driverInfo: { ipmi_password: canary } } as never),
  ],
  ['a value of the wrong type', () => db.orm.execute(sql`select ${canary}::int`)],
  [
    'a row that violates a constraint',
    async () => {
      const row = {
        uuid: '11111111-1111-4111-8111-111111111111',
        driver: 'ipmi',
        driverInfo: { ipmi_password: canary },
      }
      await db.orm.insert(nodes).values(row as never)
      await db.orm.insert(nodes).values(row as never)
    },
  ],
]

describe('errors of the database', () => {
  it.each(queries)('are logged without statement and values: %s', async (_, query) => {
    const thrown = await rejection(query())
    expect(`${thrown.message} ${thrown.stack}`).toContain(canary)
    const { error, line } = logged(new ServerError(undefined, thrown))
    expect(line).not.toContain(canary)
    expect(line).not.toMatch(/insert into|select \$/i)
    expect(error.cause?.message).toMatch(/^A query failed: /)
    expect(error.cause?.stack).toMatch(/\n\s+at /)
    expect(error.cause?.cause?.code).toMatch(/^\w{5}$/)
  })
})

const thrown: readonly (readonly [string, () => unknown, Partial<LoggedError>])[] = [
  ['a fault of the API', () => new Invalid('not so'), { type: 'Invalid', message: 'not so' }],
  [
    'a fault with a cause',
    () => new InstanceDeployFailure('no deploy', { cause: new Error('no disk') }),
    { type: 'InstanceDeployFailure' },
  ],
  ['a system error', () => rejection(readFile('/nonsense')), { code: 'ENOENT' }],
  [
    'a refused connection of undici',
    () => rejection(request('http://127.0.0.1:1/')),
    { code: 'ECONNREFUSED' },
  ],
  [
    'a Redfish service that is away',
    () => new ConnectionFailed('https://bmc', 'refused', { cause: new Error('refused') }),
    { type: 'ConnectionFailed' },
  ],
  [
    'a refusal of Redfish',
    () =>
      new HttpFault({ method: 'GET', url: '/redfish', status: 401, body: null, retryAfter: null }),
    { type: 'HttpFault' },
  ],
  [
    'a silent IPMI BMC',
    () => new IpmiTimeout('Get Device ID', 1000, 2, false),
    { type: 'IpmiTimeout' },
  ],
  ['a refusal of the agent', () => new AgentRefused(500, 'no'), { type: 'AgentRefused' }],
]

describe('other errors', () => {
  it.each(thrown)('are logged with class, message and stack: %s', async (_, make, expected) => {
    const { error } = logged(await make())
    expect(error).toMatchObject(expected)
    expect(error.message.length).toBeGreaterThan(1)
    expect(error.stack?.startsWith(`${error.type}: ${error.message}`)).toBe(true)
    expect(error.stack).toMatch(/\n\s+at /)
  })

  it('are logged with the chain of their causes, which may be long or a circle', () => {
    const chain = new Error('one', { cause: new TypeError('two', { cause: 'three' }) })
    expect(logged(chain).error.cause).toMatchObject({
      type: 'TypeError',
      message: 'two',
      cause: { type: 'string', message: 'three' },
    })
    const circle = new Error('again')
    circle.cause = circle
    expect(logged(circle).line).toContain('more causes follow')
  })

  it('are logged with all members of an AggregateError', () => {
    const error = new AggregateError([new Error('v6 refused'), new TypeError('v4 refused')], 'all')
    expect(logged(error).error.errors?.map(({ type, message }) => [type, message])).toEqual([
      ['Error', 'v6 refused'],
      ['TypeError', 'v4 refused'],
    ])
  })

  it.each([
    ['a text', 'no', { type: 'string', message: 'no' }],
    ['nothing', undefined, { type: 'undefined', message: 'undefined' }],
    ['null', null, { type: 'object', message: 'null' }],
    ['an object', { password: canary }, { type: 'object', message: 'a thrown Object' }],
    ['an object without a class', Object.create(null), { message: 'a thrown object' }],
  ])('are logged when %s was thrown', (_, value, expected) => {
    const { error, line } = logged(value)
    expect(error).toMatchObject(expected)
    expect(line).not.toContain(canary)
  })
})
