import { describe, expect, it } from 'vitest'
import { pythonAscii, pythonEquals, pythonIn, pythonOrdered } from '../../src/python/compare.js'
import { formatAs } from '../../src/python/format-spec.js'
import { pythonLiteral } from '../../src/python/literal.js'

describe('comparing as Python does', () => {
  it.each([
    [1, true, true],
    [1, '1', false],
    [null, '', false],
    [{ a: 1, b: [true] }, { b: [1], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [[1], [1, 0], false],
  ])('%j equals %j: %s', (a, b, same) => {
    expect(pythonEquals(a, b)).toBe(same)
  })

  it.each([
    [1, 2, true],
    ['B', 'a', true],
    ['\uffee', '😀', true],
    [[1, 2], [1, 3], true],
    [[1], [1, 0], true],
    [[1, 0], [1], false],
    [[1], [1], false],
  ])('%j is less than %j: %s', (a, b, less) => {
    expect(pythonOrdered(a, '<', b)).toBe(less)
    expect(pythonOrdered(b, '>', a)).toBe(less)
  })

  it('refuses what has no order or no members', () => {
    expect(() => pythonOrdered(null, '>', 1)).toThrow(
      "'>' not supported between instances of 'NoneType' and 'int'",
    )
    expect(() => pythonIn(1, 'abc')).toThrow('requires string as left operand, not int')
    expect(() => pythonIn('a', null)).toThrow("argument of type 'NoneType' is not iterable")
  })
})

describe('a format specification of Python', () => {
  it.each([
    [4, '5', '    4'],
    [4, '<5', '4    '],
    [4, '05d', '00004'],
    [-4, '05d', '-0004'],
    [4, '+d', '+4'],
    [255, '#x', '0xff'],
    [255, 'X', 'FF'],
    [4, '.2f', '4.00'],
    [4, 'e', '4.000000e+00'],
    [4, '%', '400.000000%'],
    [1_073_741_824, ',', '1,073,741,824'],
    [1.5, 'g', '1.5'],
    [1e-7, 'g', '1e-07'],
    ["it's", '*^10', "***it's***"],
    ["it's", '.2', 'it'],
    [true, 'd', '1'],
    [null, '', 'None'],
  ])('writes %j as %j: %j', (value, specification, text) => {
    expect(formatAs(value, specification)).toBe(text)
  })

  it.each([
    [1.5, 'd'],
    ['x', 'd'],
    [4, 's'],
    [null, '5'],
    [[], '5'],
  ])('cannot write %j as %j', (value, specification) => {
    expect(() => formatAs(value, specification)).toThrow(RangeError)
  })
})

describe('a literal of Python', () => {
  it.each([
    [
      "{'a': [True, None, 1.5, -2, 'it\\'s'], \"b\": ('t', 1)}",
      { a: [true, null, 1.5, -2, "it's"], b: ['t', 1] },
    ],
    ['[]', []],
    [' {"a": 1} ', { a: 1 }],
    ["'\\xdc\\u2603\\n'", 'Ü☃\n'],
  ])('%j is read', (text, value) => {
    expect(pythonLiteral(text)).toEqual(value)
  })

  it.each(['text', '', "{'a' 1}", '[1', '1 2', '{[]: 1}', "'x"])('%j is none', (text) => {
    expect(() => pythonLiteral(text)).toThrow(SyntaxError)
  })

  it('can be written in ASCII', () => {
    expect(pythonAscii('Ü☃😀\'"')).toBe(`'\\xdc\\u2603\\U0001f600\\'"'`)
  })
})
