/** Walking through and changing plain JSON data by paths. */
export type Plain = Record<string, unknown>

export const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parts of a path with slashes or dots. */
export const pathParts = (path: string): string[] =>
  path.includes('/') ? path.replace(/^\/+|\/+$/g, '').split('/') : path.split('.')

/** What is at a path, or undefined. */
export function getAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    root,
  )
}

/** Sets a value, making objects on the way. @throws TypeError where something else is in the way */
export function setAt(root: Plain, path: readonly string[], value: unknown): void {
  let at = root
  for (const key of path.slice(0, -1)) at = childOf(at, key)
  define(at, path.at(-1) ?? '', value)
}

function childOf(at: Plain, key: string): Plain {
  if (!Object.hasOwn(at, key)) define(at, key, {})
  const next = at[key]
  if (!isObject(next)) throw new TypeError(`'${key}' is not an object`)
  return next
}

/** A plain member under any name, `__proto__` too. */
function define(at: Plain, key: string, value: unknown): void {
  Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true })
}

/** @throws TypeError when there is nothing at the path */
export function deleteAt(root: Plain, path: readonly string[]): void {
  const parent = getAt(root, path.slice(0, -1))
  const key = path.at(-1) ?? ''
  if (!isObject(parent) || !Object.hasOwn(parent, key)) throw new TypeError(`'${key}'`)
  delete parent[key]
}
