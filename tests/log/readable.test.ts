import { expect, it } from 'vitest'
import { logOptions } from '../../src/cli/log-options.js'
import { createLoggers } from '../../src/log/logger.js'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'

function written(work: (log: ReturnType<typeof createLoggers>) => void): string {
  let text = ''
  work(createLoggers({ format: 'text', to: { write: (line) => void (text += line) } }))
  return text
}

it('writes time, level, subsystem, text and fields', () => {
  const text = written((log) => log.bmc.warn({ node: 'n1', what: 'a b' }, 'the BMC is slow'))
  expect(text).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}bmc {8}the BMC is slow node=n1 what="a b"\n$/,
  )
})

it('writes errors with stack, members and causes below', () => {
  const cause = new AggregateError([new TypeError('first')], 'all of them')
  const text = written((log) => log.api.error({ error: new Error('no', { cause }) }, 'it failed'))
  const heads = text.split('\n').filter((line) => !/^\s+at /.test(line) && line !== '')
  expect(heads.slice(1)).toEqual([
    '    Error: no',
    '    caused by AggregateError: all of them',
    '      one of TypeError: first',
  ])
  expect(text).toMatch(/\n\s+at .*readable\.test/)
})

it('writes no control characters of others', () => {
  const text = written((log) =>
    log.bmc.info({ what: '\u001b[2J' }, 'said \u001b]0;x\u0007\r\nfake line'),
  )
  // oxlint-disable-next-line no-control-regex -- these must be absent
  expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f]/)
})

it('is chosen on a terminal, unless the configuration says otherwise', () => {
  const format = (terminal: boolean, values: ConfigOverrides = {}) =>
    logOptions(defaultConfig(values), terminal).format
  expect(format(true)).toBe('text')
  expect(format(false)).toBe('json')
  expect(format(true, { DEFAULT: { use_json: true } })).toBe('json')
  expect(format(true, { ferric: { log_format: 'json' } })).toBe('json')
  expect(format(false, { ferric: { log_format: 'text' } })).toBe('text')
})
