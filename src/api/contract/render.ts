/** The contract as one OpenAPI document, as a microversion saw it. */
import { isObject, type Schema } from '../validation/json-schema.js'
import { covers, versionRange } from './versions.js'
import type { Documents } from './load.js'

/**
 * Merges the documents and leaves out what a version does not have. Two documents may use one
 * name for different parts, so parts are renamed to `<document>.<name>`.
 * @param minor the N of 1.N
 * @returns a self-contained OpenAPI 3.1 document; references point inside it
 */
export function renderContract(documents: Documents, minor: number): Schema {
  const paths: Record<string, unknown> = {}
  const components: Record<string, Record<string, unknown>> = {}
  for (const [file, doc] of documents) {
    const view: View = { documents, file, minor }
    for (const [path, item] of entries(doc['paths'])) {
      const seen = operationsAt(item, view)
      if (Object.keys(seen).length > 0) paths[path] = { ...asObject(paths[path]), ...seen }
    }
    for (const [section, parts] of entries(doc['components'])) {
      const named = entries(parts).filter(([, part]) => exists(part, view))
      const renamed = named.map(([name, part]) => [partName(file, name), strip(part, view)])
      components[section] = { ...components[section], ...Object.fromEntries(renamed) }
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
    components: { ...components, ...refusals },
  }
}

/** Every operation may refuse, and a conductor may be missing or busy: in the forms of docs/reference/rest-api.md, 6. */
const refusals = {
  responses: {
    Refused: {
      description:
        'Refused. `error_message` holds a document in JSON, or text where text was asked for.',
      content: {
        'application/json': {
          schema: {
            anyOf: [
              {
                type: 'object',
                properties: { error_message: { type: 'string' } },
                required: ['error_message'],
              },
              { type: 'object', properties: { error: { type: 'object' } }, required: ['error'] },
              {
                type: 'object',
                properties: { faultstring: { type: 'string' } },
                required: ['faultstring'],
              },
            ],
          },
        },
      },
    },
  },
}
const refused = { $ref: '#/components/responses/Refused' }

/** The answers an operation names, and those it need not name. */
const withRefusals = (op: unknown) => {
  const named = asObject(op)
  return {
    ...named,
    responses: { ...asObject(named['responses']), '4XX': refused, '503': refused },
  }
}

/** Where a part stands, and for which version it is wanted. */
interface View {
  readonly documents: Documents
  readonly file: string
  readonly minor: number
}

const methods = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options'])
const asObject = (v: unknown): Record<string, unknown> => (isObject(v) ? v : {})
const entries = (v: unknown): [string, unknown][] => Object.entries(asObject(v))
const partName = (file: string, name: string) => `${file.replace(/\.yaml$/, '')}.${name}`

/** The operations of a path item at a version, with its shared parameters. */
function operationsAt(item: unknown, view: View): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, op] of entries(item)) {
    if (methods.has(name) && isObject(op) && covers(versionRange(op), view.minor)) {
      out[name] = withRefusals(strip(op, view))
    }
  }
  if (Object.keys(out).length === 0) return {}
  const shared = asObject(item)['parameters']
  return shared === undefined ? out : { parameters: strip(shared, view), ...out }
}

/** A copy without what the version lacks, without Ferric's own keys, with local references. */
function strip(value: unknown, view: View): unknown {
  if (Array.isArray(value)) {
    return value.filter((v) => exists(v, view)).map((v) => strip(v, view))
  }
  if (!isObject(value)) return value
  const out: Record<string, unknown> = {}
  for (const [key, v] of Object.entries(value)) {
    if (key === 'x-ferric' || !exists(v, view)) continue
    out[key] = key === '$ref' && typeof v === 'string' ? renamed(v, view) : strip(v, view)
  }
  return prune(out)
}

/** Whether a version has a part; one that refers to another is as old as that one. */
function exists(v: unknown, view: View): boolean {
  if (!isObject(v)) return true
  if (!covers(versionRange(v), view.minor)) return false
  const ref = v['$ref']
  if (typeof ref !== 'string') return true
  const [file, pointer] = splitRef(ref, view)
  const part = pointer.reduce<unknown>((at, key) => asObject(at)[key], view.documents.get(file))
  return exists(part, { ...view, file })
}

function splitRef(ref: string, view: View): [string, string[]] {
  const [file = '', pointer = ''] = ref.split('#')
  return [file === '' ? view.file : file, pointer.split('/').slice(1)]
}

function renamed(ref: string, view: View): string {
  const [file, [root, section, name, ...rest]] = splitRef(ref, view)
  return ['#', root, section, partName(file, name ?? ''), ...rest].join('/')
}

/** `required` may not name a property that is gone. */
function prune(schema: Record<string, unknown>): Record<string, unknown> {
  const { required, properties } = schema
  if (!Array.isArray(required) || !isObject(properties)) return schema
  return { ...schema, required: required.filter((name) => String(name) in properties) }
}
