import { describe, expect, it } from 'vitest'
import { bool, dict, float, int, list, optInt, optStr, str } from '../../src/config/declare.js'
import type { Option } from '../../src/config/declare.js'
import { readValue, writeValue } from '../../src/config/values.js'

const anyBool = bool(false, '')
const anyInt = int(0, '', { min: -5, max: 5000 })
const anyFloat = float(0, '')
const anyDict = dict({}, '')

describe("oslo.config's spellings", () => {
  it.each<[Option<unknown>, string, unknown]>([
    ...['true', 'True', '1', 'on', 'YES', ' yes '].map((t): [Option<unknown>, string, unknown] => [
      anyBool,
      t,
      true,
    ]),
    ...['false', '0', 'Off', 'no'].map((t): [Option<unknown>, string, unknown] => [
      anyBool,
      t,
      false,
    ]),
    [anyInt, ' 42 ', 42],
    [anyInt, '+1_000', 1000],
    [anyInt, '-5', -5],
    [anyFloat, '2', 2],
    [anyFloat, '.5e1', 5],
    [list([], ''), 'a, b ,c,', ['a', 'b', 'c']],
    [list(['x'], ''), '', []],
    [anyDict, 'a:1, b:http://h:2', { a: '1', b: 'http://h:2' }],
    [anyDict, '', {}],
    [str('x', ''), '', ''],
    [optStr(''), 'None', 'None'],
    [optInt(''), '', null],
  ])('%o reads %j', (option, text, value) => {
    expect(readValue(option, [text])).toEqual(value)
  })

  it.each<[Option<unknown>, string, string]>([
    [anyBool, 'y', 'expected true or false'],
    [anyBool, '', 'expected true or false'],
    [anyInt, '1.5', 'expected a whole number'],
    [anyInt, '0x10', 'expected a whole number'],
    [anyInt, '', 'a value is needed'],
    [anyInt, '-6', 'must be -5 or more'],
    [anyInt, '5001', 'must be 5000 or less'],
    [anyFloat, 'ten', 'expected a number'],
    [anyDict, 'a', 'expected key:value pairs, found "a"'],
    [anyDict, ':1', 'expected key:value pairs'],
    [anyDict, 'a:1,a:2', 'the key "a" is repeated'],
    [str('a', '', { choices: ['a', 'b'] }), 'A', 'must be one of a, b'],
    [list([], '', { choices: ['a'] }), 'a,c', 'must be one of a'],
  ])('%o refuses %j', (option, text, message) => {
    expect(() => readValue(option, [text])).toThrow(message)
  })

  it('adds up the pairs of a dict that may be repeated, and takes the last of others', () => {
    expect(readValue(dict({}, '', { repeated: true }), ['a:1', 'b:2'])).toEqual({ a: '1', b: '2' })
    expect(readValue(anyDict, ['a:1', 'b:2'])).toEqual({ b: '2' })
    expect(readValue({ type: 'multi', default: [], help: '' }, ['a', 'b,c'])).toEqual(['a', 'b,c'])
  })
})

describe('values written', () => {
  it.each<[Option<unknown>, unknown]>([
    [anyBool, true],
    [anyInt, -3],
    [list([], ''), ['a', 'b']],
    [anyDict, { a: '1', b: 'c:d' }],
  ])('%o reads back %j', (option, value) => {
    expect(readValue(option, [writeValue(value)])).toEqual(value)
  })
})
