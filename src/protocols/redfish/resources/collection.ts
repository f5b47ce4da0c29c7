import type { Document } from '../client.js'
import { BmcError, MissingAttribute } from '../errors.js'
import { asArray, asObject, isObject, linkOf, linksOf } from '../json.js'
import type { Talk } from '../talk.js'
import { readRoot } from './service-root.js'

/** Pages of a collection that are followed at most. */
const mostPages = 100

/**
 * The references of a collection's members, of all its pages.
 * @throws BmcError
 */
export async function memberPaths(talk: Talk, path: string): Promise<string[]> {
  const found: string[] = []
  let next: string | null = path
  for (let page = 0; next !== null && page < mostPages; page++) {
    const document: Document = await talk.get(next)
    const json = asObject(document.json)
    if (!Array.isArray(json['Members'])) throw new MissingAttribute('Members', path)
    found.push(...linksOf(json['Members']))
    next = nextPage(json['Members@odata.nextLink'])
  }
  return found
}

const nextPage = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : linkOf(value)

/**
 * The members of a collection: in one request where the service expands (DSP0266, 7.3), else in one
 * each.
 * @throws BmcError
 */
export async function members(talk: Talk, path: string): Promise<Document[]> {
  const { expandNoLinks } = await readRoot(talk)
  const whole = expandNoLinks === true ? await expanded(talk, path) : null
  if (whole !== null) return whole
  const paths = await memberPaths(talk, path)
  const documents: Document[] = []
  for (const member of paths) documents.push(await talk.get(member))
  return documents
}

/** Null when the service did not expand after all. */
async function expanded(talk: Talk, path: string): Promise<Document[] | null> {
  let document: Document
  try {
    document = await talk.get(`${path}?$expand=.($levels=1)`)
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    return null
  }
  const json = asObject(document.json)
  const items = asArray(json['Members'])
  const whole = items.every((item) => isObject(item) && Object.keys(item).length > 1)
  if (!whole || json['Members@odata.nextLink'] !== undefined) return null
  return items.map((item) => toMember(asObject(item)))
}

function toMember(json: Readonly<Record<string, unknown>>): Document {
  const etag = json['@odata.etag']
  return { path: linkOf(json) ?? '', json, etag: typeof etag === 'string' ? etag : null }
}
