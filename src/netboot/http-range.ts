/** The bytes that a Range header requests (RFC 9110, 14). */
export type Range =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' }

/** Reads one range of bytes. Several ranges, or another unit, get the whole file (RFC 9110, 14.2). */
export function readRange(header: string | undefined, size: number): Range {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (from === '' && to === '') return { kind: 'whole' }
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return { kind: 'whole' }
  if (first >= size || (from === '' && Number(to) === 0)) return { kind: 'unsatisfiable' }
  return { kind: 'part', first, last }
}
