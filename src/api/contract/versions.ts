import { isObject, type Schema } from '../validation/json-schema.js'
import { MAX_MINOR, MIN_MINOR, type VersionRange } from './types.js'

/** `1.43` to 43. @throws Error on anything else */
export function minorOf(version: unknown): number {
  const m = /^1\.(\d+)$/.exec(String(version))
  if (m === null) throw new Error(`${String(version)} is not a microversion`)
  return Number(m[1])
}

/** The `x-openstack` range of an operation, parameter or property; everything when absent. */
export function versionRange(holder: Schema): VersionRange {
  const x = holder['x-openstack']
  if (!isObject(x)) return { min: MIN_MINOR, max: MAX_MINOR }
  return {
    min: x['min-ver'] === undefined ? MIN_MINOR : minorOf(x['min-ver']),
    max: x['max-ver'] === undefined ? MAX_MINOR : minorOf(x['max-ver']),
  }
}

export const covers = (range: VersionRange, minor: number): boolean =>
  range.min <= minor && minor <= range.max

/**
 * A schema as a version has it: members of objects and of `allOf` whose range does not cover it
 * are left out, at any depth.
 */
export function schemaAt(schema: Schema, minor: number): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, keywordAt(keyword, value, minor)]),
  )
}

function keywordAt(keyword: string, value: unknown, minor: number): unknown {
  const there = (v: unknown) => !isObject(v) || covers(versionRange(v), minor)
  const inside = (v: unknown) => (isObject(v) ? schemaAt(v, minor) : v)
  if (keyword === 'properties' && isObject(value)) {
    const kept = Object.entries(value).filter(([, v]) => there(v))
    return Object.fromEntries(kept.map(([name, v]) => [name, inside(v)]))
  }
  if (keyword === 'allOf' && Array.isArray(value)) return value.filter(there).map(inside)
  return keyword === 'items' ? inside(value) : value
}
