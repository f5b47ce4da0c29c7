/** Every kind of value against a writable field. */
export const oddValues: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['an empty string', ''],
  ['a blank', ' '],
  ['a word', 'word'],
  ['a long string', 'x'.repeat(1100)],
  ['a huge string', 'x'.repeat(70_000)],
  ['unicode', 'ä☃😀'],
  ['a NUL', 'a\u0000b'],
  ['half a surrogate pair', '\ud800'],
  ['zero', 0],
  ['a negative number', -1],
  ['a number past 32 bits', 2 ** 31],
  ['a huge number', 1e20],
  ['a fraction', 1.5],
  ['true', true],
  ['false', false],
  ['a list', []],
  ['a list of objects', [{ a: 1 }]],
  ['an empty object', {}],
  ['an object', { a: { b: [1, 'ä☃😀'] } }],
  ['a UUID', 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'],
  ['a MAC address', '52:54:00:AB:CD:EF'],
]

/** Which odd values a field takes. */
export const accepts = {
  text:
    (max: number, { empty = true, nullable = true } = {}) =>
    (v: unknown) =>
      (v === null && nullable) ||
      (typeof v === 'string' && v.length <= max && !v.includes('\u0000') && (empty || v !== '')),
  object: (v: unknown) => v === null || (typeof v === 'object' && !Array.isArray(v)),
  flag: (v: unknown) => typeof v === 'boolean',
  uuid: (v: unknown) => typeof v === 'string' && /^[0-9a-f-]{36}$/.test(v),
  mac: (v: unknown) => typeof v === 'string' && /^..(:..){5}$/.test(v),
  nothing: () => false,
} as const
