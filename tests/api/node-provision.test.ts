import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NodeRow } from '../../src/db/rows.js'
import { nodeTraits, runbooks, runbookSteps, runbookTraits } from '../../src/db/schema/index.js'
import { answer, openBench, type Bench } from './_node-bench.js'

const version = '1.115'
let bench: Bench
let node: NodeRow

beforeAll(async () => {
  bench = await openBench()
}, 60_000)
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(async () => {
  node = await bench.add({ provisionState: 'manageable' })
})

const put = (body: unknown, at = version) =>
  bench.send('PUT', `/v1/nodes/${node.uuid}/states/provision`, { version: at, body })
const refused = (action: string, state: string) =>
  `The requested action "${action}" can not be performed on node "${node.uuid}" while it is in state "${state}".`
const step = { interface: 'bios', step: 'factory_reset' }
const refusal = 'Request not acceptable.'

describe('targets', () => {
  it.each([
    ['manage', '1.3', '1.4'],
    ['provide', '1.3', '1.4'],
    ['inspect', '1.5', '1.6'],
    ['abort', '1.12', '1.13'],
    ['clean', '1.14', '1.15'],
    ['adopt', '1.16', '1.17'],
    ['rescue', '1.37', '1.38'],
    ['unrescue', '1.37', '1.38'],
    ['deploy', '1.72', '1.73'],
    ['delete', '1.72', '1.73'],
  ])('%s is unknown at %s, known at %s', async (target, before, since) => {
    await bench.change(node, { provisionState: 'verifying' })
    expect(answer(await put({ target }, before))).toEqual([406, refusal])
    expect(answer(await put({ target }, since))).toEqual([400, refused(target, 'verifying')])
  })

  it.each(['active', 'rebuild', 'deleted', 'undeploy', 'unhold', 'service'])(
    '%s gets as far as the state in every version',
    async (target) => {
      await bench.change(node, { provisionState: 'verifying' })
      expect(answer(await put({ target }, '1.1'))).toEqual([400, refused(target, 'verifying')])
    },
  )

  it.each([
    [{}, 'Missing mandatory parameter: target'],
    [{ target: [] }, 'Expected string for target: []'],
    [
      { target: 'clean', clean_steps: 'x' },
      "Expected types <class 'NoneType'>, <class 'list'> for clean_steps: x",
    ],
    [
      { target: 'active', configdrive: 5 },
      "Expected types <class 'NoneType'>, <class 'dict'>, <class 'str'> for configdrive: 5",
    ],
    [
      { target: 'clean', runbook: 1 },
      "Expected types <class 'NoneType'>, <class 'str'> for runbook: 1",
    ],
    [{ target: 'clean', foo: 1 }, 'Unexpected arguments: foo'],
  ])('%j is refused', async (body, text) => {
    expect(answer(await put(body))).toEqual([400, text])
  })

  it('calls null None', async () => {
    expect(answer(await put({ target: null }))).toEqual([400, refused('None', 'manageable')])
  })

  it('names the lock instead of the state while somebody works on the node', async () => {
    await bench.change(node, { reservation: 'other' })
    const reply = await put({ target: 'active' })
    expect(reply.status).toBe(409)
    expect(reply.fault).toContain('is locked by host other')
  })

  it('does not understand events that only the conductor fires', async () => {
    await bench.change(node, { provisionState: 'deploying' })
    const text = 'The requested action "fail" could not be understood.'
    expect(answer(await put({ target: 'fail' }))).toEqual([400, text])
  })

  it('refuses to deploy in maintenance before it looks at the state', async () => {
    await bench.change(node, { maintenance: true })
    const text = `The provisioning operation can't be performed on node ${node.uuid} because it's in maintenance mode.`
    expect(answer(await put({ target: 'active' }))).toEqual([400, text])
    expect(answer(await put({ target: 'deploy' }))).toEqual([400, refused('deploy', 'manageable')])
  })
})

describe('arguments, once the state allows the verb', () => {
  const places = (what: string, targets: string) =>
    `"${what}" is only valid when setting target provision state to ${targets}`
  it.each([
    [
      'manageable',
      { target: 'clean' },
      version,
      400,
      '"clean_steps" is required when setting target provision state to clean',
    ],
    [
      'manageable',
      { target: 'provide', clean_steps: [step] },
      version,
      400,
      places('clean_steps', 'clean'),
    ],
    [
      'manageable',
      { target: 'provide', service_steps: [step] },
      version,
      400,
      places('service_steps', 'service'),
    ],
    [
      'manageable',
      { target: 'provide', deploy_steps: [step] },
      version,
      400,
      places('deploy_steps', 'active or rebuild'),
    ],
    [
      'manageable',
      { target: 'provide', deploy_steps: [step] },
      '1.68',
      406,
      `${refusal} The minimal required API version should be 1.69`,
    ],
    [
      'manageable',
      { target: 'provide', rescue_password: '' },
      version,
      400,
      places('rescue_password', 'rescue'),
    ],
    [
      'manageable',
      { target: 'provide', disable_ramdisk: false },
      version,
      400,
      'disable_ramdisk is supported only with manual cleaning or servicing',
    ],
    [
      'manageable',
      { target: 'clean', clean_steps: [step], disable_ramdisk: true },
      '1.69',
      406,
      'disable_ramdisk is not acceptable in this API version',
    ],
    [
      'active',
      { target: 'service', service_steps: [step], disable_ramdisk: true },
      '1.107',
      406,
      'disable_ramdisk is not acceptable in this API version',
    ],
    ['active', { target: 'service', service_steps: [step] }, '1.86', 406, refusal],
    [
      'active',
      { target: 'service' },
      version,
      400,
      '"service_steps" is required when setting target provision state to service',
    ],
    [
      'active',
      { target: 'rescue', rescue_password: ' ' },
      version,
      400,
      'A non-empty "rescue_password" is required when setting target provision state to rescue',
    ],
    ['inspect wait', { target: 'abort' }, '1.40', 406, refusal],
    ['wait call-back', { target: 'abort' }, '1.109', 406, refusal],
    ['clean hold', { target: 'unhold' }, '1.84', 406, refusal],
    [
      'manageable',
      { target: 'clean', configdrive: 'x' },
      version,
      400,
      'Adding a config drive is only supported when setting provision state to active, rebuild',
    ],
    [
      'active',
      { target: 'rebuild', configdrive: 'x' },
      '1.34',
      400,
      'Adding a config drive is only supported when setting provision state to active',
    ],
    [
      'available',
      { target: 'active', configdrive: { meta_data: {} } },
      '1.55',
      400,
      'Providing a JSON object for configdrive is only supported starting with API version 1.56',
    ],
    [
      'available',
      { target: 'active', configdrive: { vendor_data: {} } },
      '1.58',
      400,
      'Providing vendor_data in configdrive is only supported starting with API version 1.59',
    ],
    [
      'available',
      { target: 'active', configdrive: '{"a"}' },
      version,
      400,
      'Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string',
    ],
    [
      'manageable',
      { target: 'clean', clean_steps: [{ interface: 'vendor', step: 'send_raw' }] },
      version,
      400,
      "clean step 'vendor.send_raw' is not allowed. Disallowed by operator configuration [api]disallow_clean_steps.",
    ],
  ])('in %s, %j at %s is refused', async (provisionState, body, at, status, text) => {
    await bench.change(node, { provisionState })
    expect(answer(await put(body, at))).toEqual([status, text])
  })

  it('answers the whole report for steps that have not the form', async () => {
    const bad = { interface: 'nope', step: 'x' }
    const reply = await put({ target: 'clean', clean_steps: [bad] })
    expect(reply.status).toBe(400)
    expect(reply.fault).toBe(
      `Invalid clean_steps: 'nope' is not one of ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid']

Failed validating 'enum' in schema['items']['properties']['interface']:
    {'description': 'driver interface',
     'enum': ['vendor',
              'power',
              'management',
              'firmware',
              'deploy',
              'bios',
              'raid']}

On instance[0]['interface']:
    'nope'`,
    )
  })

  it.each([[[{}]], [[{ interface: 'deploy' }]], [['x']], [[null]], [[1]]])(
    'refuses the steps %j that crash upstream',
    async (steps) => {
      expect((await put({ target: 'clean', clean_steps: steps })).status).toBe(400)
    },
  )

  it('asks for every child node a step is limited to', async () => {
    const limited = (list: unknown) => ({
      target: 'clean',
      clean_steps: [{ ...step, execute_on_child_nodes: true, limit_child_node_execution: list }],
    })
    expect((await put(limited(['x']))).fault).toContain('Invalid entry detected')
    const gone = '00000000-0000-0000-0000-000000000000'
    const reply = await put(limited([gone]))
    expect(answer(reply)).toEqual([404, `Node ${gone} could not be found.`])
  })
})

describe('runbooks', () => {
  let ident: string
  beforeEach(async () => {
    await bench.ctx.db.orm.delete(runbooks)
    ident = 'CUSTOM_BOOK'
    const [book] = await bench.ctx.db.orm
      .insert(runbooks)
      .values({ uuid: 'aaaaaaaa-0000-4000-8000-000000000001', name: ident })
      .returning()
    const runbookId = book?.id ?? 0
    await bench.ctx.db.orm
      .insert(runbookSteps)
      .values({ runbookId, interface: 'bios', step: 'factory_reset', args: {}, order: 1 })
  })
  const use = (at = version, more = {}) => put({ target: 'clean', runbook: ident, ...more }, at)
  const trait = (name: string) =>
    bench.ctx.db.orm.insert(nodeTraits).values({ nodeId: node.id, trait: name })

  it('are unknown before 1.92, and may not exist', async () => {
    expect(answer(await use('1.91'))).toEqual([406, refusal])
    ident = 'nope'
    expect(answer(await use())).toEqual([404, 'Runbook nope could not be found.'])
  })

  it('are approved by a trait named like them below 1.112', async () => {
    expect(answer(await use('1.111'))).toEqual([
      400,
      `This runbook has not been approved for use on this node ${node.uuid}. Please ask an administrator to add it to your node traits.`,
    ])
    await trait(ident)
    expect((await use('1.111')).status).toBe(202)
  })

  it('are approved by one of their own traits from 1.112 on', async () => {
    const book = 'aaaaaaaa-0000-4000-8000-000000000001'
    expect((await use()).fault).toBe(
      `Runbook ${book} has no traits configured. Please ask an administrator to add traits to the runbook.`,
    )
    const [row] = await bench.ctx.db.orm.select().from(runbooks)
    await bench.ctx.db.orm
      .insert(runbookTraits)
      .values({ runbookId: row?.id ?? 0, trait: 'CUSTOM_OK' })
    expect((await use()).fault).toContain("any of the runbook's traits ['CUSTOM_OK']")
    await trait('CUSTOM_OK')
    const both = await use(version, { clean_steps: [step] })
    const text = 'Please provide either "clean_steps" or a runbook, but not both.'
    expect(answer(both)).toEqual([400, text])
    expect((await use()).status).toBe(202)
  })
})

describe('a node', () => {
  it('walks from enroll to active and back', async () => {
    const walked = await bench.add({ name: 'walker' })
    const walk = async (target: string, state: string) => {
      const reply = await bench.send('PUT', `/v1/nodes/walker/states/provision`, {
        version,
        body: { target },
      })
      expect(answer(reply)).toEqual([202, undefined])
      expect(reply.headers.get('location')).toBe('http://ferric.test/v1/nodes/walker/states')
      await bench.settle()
      expect((await bench.read(walked)).provisionState).toBe(state)
    }
    await walk('manage', 'manageable')
    await walk('provide', 'available')
    await walk('active', 'active')
    await walk('rebuild', 'active')
    await walk('deleted', 'available')
    await walk('manage', 'manageable')
  })

  it('takes the target as a path segment', async () => {
    const fresh = await bench.add()
    const reply = await bench.send('PUT', `/v1/nodes/${fresh.uuid}/states/provision/manage`, {
      version,
    })
    expect(reply.status).toBe(202)
  })
})
