import { describe, expect, it } from 'vitest'
import { withoutWorkIds, withWorkIds } from '../../src/log/ids.js'
import { mostBytes } from '../../src/log/line.js'
import { capturedLog } from '../_util/captured-log.js'

const canary = 'canary-4f1d9e'

function lineOf(fields: object, text = 'something happened'): string {
  const captured = capturedLog()
  captured.log.bmc.warn(fields, text)
  return captured.text()
}

const deep = (levels: number): object => (levels === 0 ? {} : { below: deep(levels - 1) })

describe('a line', () => {
  const large: [string, object, string?][] = [
    ['one text of 7 MB', { text: 'x'.repeat(7_000_000) }],
    ['control characters, which take six bytes each', { text: '\u0001'.repeat(70_000) }],
    [
      'many texts',
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, '☃'.repeat(4000)])),
    ],
    ['long keys', { ['k'.repeat(100_000)]: 1, [`l${'☃'.repeat(100_000)}`]: 1 }],
    [
      'a list of lists',
      { list: Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => 'x')) },
    ],
    ['deep objects', { deep: deep(1000) }],
    ['a long message', { error: new Error('m'.repeat(1_000_000)) }],
    ['many causes', { error: chain(50) }],
    [
      'many members',
      {
        error: new AggregateError(
          Array.from({ length: 5000 }, () => chain(5)),
          'all',
        ),
      },
    ],
    ['a long text', {}, '☃'.repeat(1_000_000)],
    ['bytes', { bytes: Buffer.alloc(1_000_000) }],
  ]
  function chain(length: number): Error {
    const cause = length > 0 ? chain(length - 1) : undefined
    return new Error('e'.repeat(3000), { cause })
  }

  it.each(large)('is at most 16 KiB of JSON: %s', (_, fields, text) => {
    const line = lineOf(fields, text)
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(mostBytes)
    expect(JSON.parse(line)).toMatchObject({ level: 40, name: 'bmc' })
  })

  const secrets: [string, object, string?][] = [
    ['a password', { password: canary }],
    ['a password deep inside', { a: [{ b: { c: { ipmi_password: canary } } }] }],
    ['a community', { snmp_community: canary }],
    ['a key of IPMI', { ipmi_hex_kg_key: canary }],
    ['driver_info', { driver_info: { anything: canary } }],
    ['bound values', { params: [canary] }],
    ['credentials of a URL', { url: `https://user:${canary}@host/image` }],
    ['credentials of a URL with an @ in the password', { url: `https://u:p@${canary}@host/` }],
    [
      'credentials of a URL that is cut',
      { url: `${'x'.repeat(4000)} https://u:${canary.repeat(60)}@host/` },
    ],
    ['a temporary URL', { url: `http://swift/v1/image?temp_url_sig=${canary}&temp_url_expires=1` }],
    ['JSON in a text', { body: `{"ipmi_password": "with blank ${canary}"}` }],
    ['a Python dict in a text', {}, `driver_info={'redfish_password': 'with "blank" ${canary}'}`],
    ['a key=value in a text', {}, `rescue_password=${canary}`],
    ['an authorization header', { headers: { Authorization: `Basic ${canary}` } }],
    ['a bearer token in a text', {}, `answered to Bearer ${canary}-abcdef`],
    ['an error with a URL', { error: new Error(`cannot fetch https://user:${canary}@host/`) }],
    ['an argument list', {}, `ipmitool --password ${canary}`],
  ]
  it.each(secrets)('hides secrets: %s', (_, fields, text) => {
    const line = lineOf(fields, text)
    expect(line).toContain('******')
    expect(line).not.toContain(canary)
  })

  it('keeps what is no secret', () => {
    const fields = { url: 'https://host:8080/a?b=c', agent_token_required: true, code: 22 }
    expect(JSON.parse(lineOf(fields))).toMatchObject(fields)
  })

  it('takes an error alone', () => {
    const { log, lines } = capturedLog()
    log.api.error(new Error('no'))
    expect(lines[0]).toMatchObject({ name: 'api', error: { type: 'Error', message: 'no' } })
  })
})

describe('ids of work', () => {
  it('are fields of every line of that work, whatever logs it', async () => {
    const { log, lines } = capturedLog()
    await withWorkIds({ task: 't1', node: 'n1', requestId: 'req-1' }, async () => {
      await Promise.resolve()
      log.bmc.info('inside')
      log.db.info({ node: 'another' }, 'about another node')
      withoutWorkIds(() => log.queue.info('shared'))
    })
    log.bmc.info('outside')
    expect(lines.map(({ msg, task, node, requestId }) => [msg, task, node, requestId])).toEqual([
      ['inside', 't1', 'n1', 'req-1'],
      ['about another node', 't1', 'another', 'req-1'],
      ['shared', undefined, undefined, undefined],
      ['outside', undefined, undefined, undefined],
    ])
  })
})
