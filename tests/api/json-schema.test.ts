import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { firstError, iterErrors, pythonPattern } from '../../src/api/validation/json-schema.js'
import { formats } from '../../src/api/validation/formats.js'
import { pyRepr } from '../../src/api/validation/python-repr.js'
import { contract } from '../_util/api.js'

describe('texts of python-jsonschema', () => {
  it.each([
    ['type', 5, { type: 'string' }, "5 is not of type 'string'"],
    ['types', 5, { type: ['string', 'null'] }, "5 is not of type 'string', 'null'"],
    ['required', {}, { required: ['driver'] }, "'driver' is a required property"],
    [
      'one extra',
      { a: 1 },
      { properties: {}, additionalProperties: false },
      "Additional properties are not allowed ('a' was unexpected)",
    ],
    [
      'several extras, sorted',
      { b: 1, a: 1 },
      { additionalProperties: false },
      "Additional properties are not allowed ('a', 'b' were unexpected)",
    ],
    ['enum', 'x', { enum: ['a', 'b'] }, "'x' is not one of ['a', 'b']"],
    ['pattern', 'x', { pattern: '^\\d$' }, "'x' does not match '^\\\\d$'"],
    ['minItems', [], { minItems: 1 }, '[] is too short'],
    ['maxLength', 'abc', { maxLength: 2 }, "'abc' is too long"],
    ['code points', '\u{1f600}\u{1f600}', { maxLength: 2 }, null],
    ['minimum', -1, { minimum: 0 }, '-1 is less than the minimum of 0'],
    ['format', 'x', { format: 'uuid' }, "'x' is not a 'uuid'"],
    ['integral float', 1, { type: 'integer' }, null],
    ['boolean is no number', true, { type: 'integer' }, "True is not of type 'integer'"],
    ['keyword order', {}, { type: 'array', required: ['a'] }, "{} is not of type 'array'"],
    [
      'anyOf with its cause',
      { a: 5 },
      { anyOf: [{ properties: { a: { type: 'string' } } }, { required: ['b'] }] },
      "{'a': 5} is not valid under any of the given schemas. Possible root cause: 'b' is a required property",
    ],
    [
      'oneOf met twice',
      {},
      { oneOf: [{ type: 'object' }, {}] },
      "{} is valid under each of {}, {'type': 'object'}",
    ],
    ['not', 'a', { not: { enum: ['a'] } }, "'a' should not be valid under {'enum': ['a']}"],
  ])('%s', (_scenario, value, schema, text) => {
    expect(firstError(value, schema)).toBe(text)
  })
})

describe('values as Python prints them', () => {
  it.each([
    [null, 'None'],
    [true, 'True'],
    ["it's", '"it\'s"'],
    ['a"b\'c', "'a\"b\\'c'"],
    ['\u0000\n\u007f', "'\\x00\\n\\x7f'"],
    ['ü✓', "'ü✓'"],
    [1.5, '1.5'],
    [1e21, '1000000000000000000000'],
    [{ a: [1, { b: null }] }, "{'a': [1, {'b': None}]}"],
  ])('%j', (value, text) => {
    expect(pyRepr(value)).toBe(text)
  })
})

/** A small deterministic generator: the same values in every run. */
function* randomValues(count: number): Generator<unknown> {
  let seed = 42
  const next = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % n
  const words = ['', 'a', 'op', 'path', 'x'.repeat(300), 'power', '00:11:22:33:44:55', 'CUSTOM_A']
  const value = (depth: number): unknown => {
    const kinds = depth > 2 ? 5 : 7
    switch (next(kinds)) {
      case 0:
        return null
      case 1:
        return next(2) === 0
      case 2:
        return next(7) - 2
      case 3:
        return next(100) / 7
      case 4:
        return words[next(words.length)]
      case 5:
        return Array.from({ length: next(3) }, () => value(depth + 1))
      default:
        return object(depth)
    }
  }
  const keys = [
    'uuid',
    'name',
    'driver',
    'extra',
    'steps',
    'address',
    'node_uuid',
    'op',
    'path',
    'value',
  ]
  const object = (depth: number) =>
    Object.fromEntries(
      Array.from({ length: next(5) }, () => [keys[next(keys.length)], value(depth + 1)]),
    )
  for (let i = 0; i < count; i++) yield next(3) === 0 ? value(0) : object(0)
}

/** The patterns of the contract are Python's. */
const regExp = Object.assign((pattern: string) => pythonPattern(pattern), { code: 'pythonPattern' })

describe('agreement with ajv on what is valid', () => {
  const ajv = new Ajv2020({ strict: false, code: { regExp } })
  for (const [name, check] of Object.entries(formats)) ajv.addFormat(name, check)
  const bodies = contract.operations.flatMap((o) =>
    o.body === null ? [] : [[o.id, o.body] as const],
  )

  it.each(bodies)('%s', (_id, schema) => {
    const validate = ajv.compile(schema)
    for (const value of randomValues(400)) {
      const [first] = iterErrors(value, schema)
      expect([value, first === undefined]).toEqual([value, validate(value)])
    }
  })
})
