import { describe, expect, it } from 'vitest'
import { pythonRegex } from '../../src/python/regex/translate.js'

/** Pattern, text, and whether Python 3.11's `re.match` finds it. */
const matched: readonly (readonly [string, string, boolean])[] = [
  ['a', 'abc', true],
  ['b', 'abc', false],
  ['abc$', 'abc\n', true],
  ['a\\Z', 'a\n', false],
  ['a.b', 'a\nb', false],
  ['a.b', 'a\rb', true],
  ['(?s)a.b', 'a\nb', true],
  ['(?x) f o o # text', 'foo', true],
  ['(?i)abc', 'ABC', true],
  ['(?i:a[b-c]{2})d', 'ABCd', true],
  ['(?i:a)b', 'AB', false],
  ['\\w\\d', 'é٣', true],
  ['(?a)\\w', 'é', false],
  ['a\\sb', 'a\u00a0b', true],
  ['\\s', '\ufeff', false],
  ['^.$', '😀', true],
  ['a{,3}b', 'aab', true],
  ['a{x', 'a{x', true],
  ['[]a]+', ']a', true],
  ['[^\\W\\d]', 'x', true],
  ['[[]', '[', true],
  ['(?P<n>a)(?P=n)b', 'aab', true],
  ['(ab)\\1', 'abab', true],
  ['a++a', 'aaa', false],
  ['(?>a|ab)c', 'abc', false],
  ['(?<=a)b', 'ab', false],
  ['\\101\\x42\\u0043', 'ABC', true],
  ['a(?#note)b', 'ab', true],
  ['\\bab\\b', 'ab', true],
  ['a/b', 'a/b', true],
]

const refused: readonly (readonly [string, string])[] = [
  ['(', 'missing ), unterminated subpattern at position 0'],
  ['a)', 'unbalanced parenthesis at position 1'],
  ['[', 'unterminated character set at position 0'],
  ['*a', 'nothing to repeat at position 0'],
  ['a**', 'multiple repeat at position 2'],
  ['[z-a]', 'bad character range z-a at position 1'],
  ['\\p{L}', 'bad escape \\p at position 0'],
  ['\\', 'bad escape (end of pattern) at position 0'],
  ['\\1', 'invalid group reference 1 at position 1'],
  ['(?<n>a)', 'unknown extension ?<n at position 1'],
  ['a(?i)b', 'global flags not at the start of the expression at position 1'],
  ['(?<=a+)b', 'look-behind requires fixed-width pattern'],
  ['(a)?(?(1)a|b)', 'conditionals are not supported here, (?( at position 4'],
]

describe('a regular expression of Python', () => {
  it.each(matched)('%j matches %j: %s', (pattern, text, found) => {
    expect(pythonRegex(pattern, true).test(text)).toBe(found)
  })

  it.each(refused)('%j is refused: %s', (pattern, text) => {
    expect(() => pythonRegex(pattern)).toThrow(text)
  })

  it('looks through the whole text unless it is to match at the start', () => {
    expect(pythonRegex('b').test('abc')).toBe(true)
  })
})
