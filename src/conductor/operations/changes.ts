/**
 * The columns a change really changes, so that setting what is set already is no change.
 * @param before the row as it is
 * @param wanted columns to set
 */
export function changedKeys<Row extends object>(
  before: Row,
  wanted: Partial<Row>,
): ReadonlySet<keyof Row> {
  const keys = Object.keys(wanted) as (keyof Row)[]
  return new Set(keys.filter((key) => text(before[key]) !== text(wanted[key])))
}

const text = (value: unknown): string => JSON.stringify(value ?? null)
