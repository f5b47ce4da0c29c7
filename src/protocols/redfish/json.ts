/** A JSON object as it came from a service. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value when it is an object, else an empty one. */
export const asObject = (value: unknown): Json => (isObject(value) ? value : {})
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const asString = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** The reference in `{"@odata.id": …}`. */
export const linkOf = (value: unknown): string | null => asString(asObject(value)['@odata.id'])
/** The references of a list of links. */
export const linksOf = (value: unknown): string[] =>
  asArray(value)
    .map(linkOf)
    .filter((link) => link !== null)
