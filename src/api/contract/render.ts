/** The contract as one OpenAPI document, as a microversion saw it. */
import { isObject, type Schema } from '../validation/json-schema.js'
import { covers, versionRange } from './versions.js'
import type { Documents } from './load.js'

/**
 * Merges the documents and leaves out what a version does not have.
 * @param minor the N of 1.N
 * @returns a self-contained OpenAPI 3.1 document; references point inside it
 */
export function renderContract(documents: Documents, minor: number): Schema {
  const paths: Record<string, unknown> = {}
  const components: Record<string, Record<string, unknown>> = {}
  for (const doc of documents.values()) {
    for (const [path, item] of entries(doc['paths'])) {
      const seen = operationsAt(item, minor)
      if (Object.keys(seen).length > 0) paths[path] = { ...asObject(paths[path]), ...seen }
    }
    for (const [section, parts] of entries(doc['components'])) {
      components[section] = { ...components[section], ...asObject(strip(parts, minor)) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenStack Bare Metal API',
      version: `1.${minor}`,
      description: 'As Ferric serves it. Send X-OpenStack-Ironic-API-Version to choose a version.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components,
  }
}

const methods = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options'])
const asObject = (v: unknown): Record<string, unknown> => (isObject(v) ? v : {})
const entries = (v: unknown): [string, unknown][] => Object.entries(asObject(v))

/** The operations of a path item at a version, with its shared parameters. */
function operationsAt(item: unknown, minor: number): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, op] of entries(item)) {
    if (methods.has(name) && isObject(op) && covers(versionRange(op), minor)) {
      out[name] = strip(op, minor)
    }
  }
  if (Object.keys(out).length === 0) return {}
  const shared = asObject(item)['parameters']
  return shared === undefined ? out : { parameters: strip(shared, minor), ...out }
}

/** A copy without what the version lacks, without Ferric's own keys, with local references. */
function strip(value: unknown, minor: number): unknown {
  if (Array.isArray(value)) {
    return value.filter((v) => exists(v, minor)).map((v) => strip(v, minor))
  }
  if (!isObject(value)) return value
  const out: Record<string, unknown> = {}
  for (const [key, v] of Object.entries(value)) {
    if (key === 'x-ferric' || !exists(v, minor)) continue
    out[key] = key === '$ref' ? localRef(v) : strip(v, minor)
  }
  return prune(out)
}

const exists = (v: unknown, minor: number) => !isObject(v) || covers(versionRange(v), minor)
const localRef = (v: unknown) => (typeof v === 'string' ? v.replace(/^[\w-]+\.yaml#/, '#') : v)

/** `required` may not name a property that is gone. */
function prune(schema: Record<string, unknown>): Record<string, unknown> {
  const { required, properties } = schema
  if (!Array.isArray(required) || !isObject(properties)) return schema
  return { ...schema, required: required.filter((name) => String(name) in properties) }
}
