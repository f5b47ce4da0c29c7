import { describe, expect, it } from 'vitest'
import { holds } from '../../src/conductor/inspection/rules/conditions.js'

const data = {
  node: { driver: 'ipmi' },
  inventory: { cpu: { count: 8 }, macs: ['a', 'b'] },
  pluginData: { flag: true },
  mask: true,
}
const check = (op: string, args: unknown, more = {}) => holds({ op, args, ...more }, data)

describe('conditions', () => {
  it.each<[string, unknown, boolean]>([
    ['eq', { values: [1, 1, 1] }, true],
    ['eq', { values: [1, 2] }, false],
    ['eq', { values: [true, 1] }, true],
    ['eq', { values: ['1', 1] }, false],
    ['eq', { values: ['1', 1], force_strings: true }, true],
    ['eq', { values: [{ a: [1] }, { a: [1] }] }, true],
    ['eq', { values: [1] }, true],
    ['eq', { values: ['{node.driver}', 'ipmi'] }, true],
    ['!eq', { values: [1, 2] }, true],
    ['! eq', { values: [1, 2] }, true],
    ['eq', [['{inventory[cpu][count]}', '8']], true],
    ['lt', { values: [1, 2, 3] }, true],
    ['lt', { values: [1, 3, 2] }, false],
    ['gt', { values: [3, 2] }, true],
    ['gt', { values: ['b', 'a'] }, true],
    ['is-empty', { value: '' }, true],
    ['is-empty', { value: [] }, true],
    ['is-empty', { value: {} }, true],
    ['is-empty', { value: null }, true],
    ['is-empty', { value: 0 }, false],
    ['is-empty', { value: '{inventory[nope]}' }, true],
    ['is-empty', { value: '{inventory[cpu]}' }, false],
    ['in-net', { address: '10.1.2.3', subnet: '10.0.0.0/8' }, true],
    ['in-net', { address: '11.1.2.3', subnet: '10.0.0.0/8' }, false],
    ['in-net', { address: 'fd00::1', subnet: 'fd00::/16' }, true],
    ['in-net', { address: '10.1.2.3', subnet: 'fd00::/16' }, false],
    ['matches', { value: 'abc', regex: 'a.c' }, true],
    ['matches', { value: 'abcd', regex: 'a.c' }, false],
    ['matches', { value: 'xabc', regex: 'abc' }, false],
    ['matches', { value: 'ABC', regex: '(?i)abc' }, true],
    ['contains', { value: 'xabcx', regex: '(?P<n>b)c' }, true],
    ['contains', { value: 'x', regex: 'y' }, false],
    ['one-of', { value: 'a', values: ['a', 'b'] }, true],
    ['one-of', { value: 'a', values: 'abc' }, true],
    ['one-of', { value: 'a' }, false],
    ['is-none', { value: null }, true],
    ['is-none', { value: '' }, false],
    ['is-true', { value: 'YES' }, true],
    ['is-true', { value: 2 }, true],
    ['is-true', { value: '{plugin_data[flag]}' }, true],
    ['is-true', { value: null }, false],
    ['is-true', { value: '1' }, false],
    ['is-false', { value: 'No' }, true],
    ['is-false', { value: 0 }, true],
    ['is-false', { value: null }, true],
    ['is-false', { value: [] }, false],
    ['is-false', { value: true }, false],
  ])('%s %j is %s', (op, args, expected) => {
    expect(check(op, args)).toBe(expected)
  })

  it.each<[string, unknown, string]>([
    ['eq', { values: 'x' }, "Expected list for 'values', got: str"],
    ['lt', { values: [1, 'a'] }, "'<' not supported between instances of 'int' and 'str'"],
    ['in-net', { address: '10.0.0.1', subnet: 'junk' }, 'invalid value'],
    ['in-net', { address: 'junk', subnet: '10.0.0.0/8' }, 'failed to detect a valid IP address'],
    ['matches', { value: 'x', regex: '(' }, 'invalid regular expression'],
    ['!!eq', { values: [] }, 'exclamation'],
    ['eq', {}, 'missing required argument(s): values'],
    ['ne', { values: [] }, "Unsupported operator: 'ne'"],
  ])('%s %j makes no sense', (op, args, text) => {
    expect(() => check(op, args)).toThrow(text)
  })

  it.each<[string | undefined, number[], boolean]>([
    [undefined, [1, 8], true],
    ['any', [1, 2], false],
    ['all', [8, 8], true],
    ['all', [8, 1], false],
    ['first', [1, 8], true],
    ['first', [1, 2], false],
    ['last', [8, 1], false],
    ['last', [1, 8], true],
  ])('with multiple=%s over %j is %s', (multiple, loop, expected) => {
    const args = { values: ['{item}', '{inventory[cpu][count]}'] }
    expect(check('eq', args, { loop, ...(multiple ? { multiple } : {}) })).toBe(expected)
  })

  it('loops once over an object', () => {
    expect(check('eq', { values: ['{item[a]}', 8] }, { loop: { a: 8 } })).toBe(true)
  })
})
