/**
 * Reads the documents under `openapi/` and compiles them into operations and field tables.
 * The documents are the single source: routes, versions, arguments and answer fields come
 * from here and from nowhere else.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject, type Schema } from '../validation/json-schema.js'
import { compileOperation } from './operation.js'
import { versionRange } from './versions.js'
import type { Field, Operation } from './types.js'

export type Documents = ReadonlyMap<string, Schema>

export interface Contract {
  readonly documents: Documents
  readonly operations: readonly Operation[]
  operation(id: string): Operation
  /** Fields of an answer schema, in answer order. */
  fields(schemaName: string): readonly Field[]
  schema(schemaName: string): Schema
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head'] as const

/** Reads every `*.yaml` of a directory; the keys are the file names. */
export function readDocuments(directory: string): Documents {
  const files = readdirSync(directory).filter((f) => f.endsWith('.yaml'))
  const read = (f: string) => parse(readFileSync(join(directory, f), 'utf8')) as Schema
  return new Map(files.sort().map((f) => [f, read(f)]))
}

/** @throws Error naming the document and place when a document does not hold together */
export function compileContract(documents: Documents): Contract {
  const operations = new Map<string, Operation>()
  const schemas = new Map<string, Schema>()
  for (const [file, raw] of documents) {
    const doc = resolveRefs(raw, file, documents) as Schema
    for (const op of operationsOf(doc)) {
      if (operations.has(op.id)) throw new Error(`${file}: operationId ${op.id} is used twice`)
      operations.set(op.id, op)
    }
    for (const [name, schema] of Object.entries(section(doc, 'schemas'))) {
      if (schemas.has(name)) throw new Error(`${file}: schema ${name} is defined twice`)
      schemas.set(name, schema)
    }
  }
  return contractOf(documents, operations, schemas)
}

function contractOf(
  documents: Documents,
  operations: ReadonlyMap<string, Operation>,
  schemas: ReadonlyMap<string, Schema>,
): Contract {
  const fieldTables = new Map<string, readonly Field[]>()
  const schema = (name: string) => must(schemas.get(name), `schema ${name}`)
  return {
    documents,
    operations: [...operations.values()],
    operation: (id) => must(operations.get(id), `operation ${id}`),
    schema,
    fields: (name) => {
      const known = fieldTables.get(name) ?? fieldsOf(schema(name))
      fieldTables.set(name, known)
      return known
    },
  }
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the contract has no ${what}`)
  return value
}

function section(doc: Schema, name: string): Record<string, Schema> {
  const components = doc['components']
  const part = isObject(components) ? components[name] : undefined
  return isObject(part) ? (part as Record<string, Schema>) : {}
}

function* operationsOf(doc: Schema): Generator<Operation> {
  for (const [path, item] of Object.entries((doc['paths'] ?? {}) as Record<string, Schema>)) {
    for (const method of methods) {
      const op = item[method]
      if (isObject(op)) yield compileOperation(method, path, op, item)
    }
  }
}

function fieldsOf(schema: Schema): readonly Field[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  return Object.entries(properties).map(([name, p]) => ({
    name,
    ...versionRange(p),
    short: isObject(p['x-ferric']) && p['x-ferric']['short'] === true,
    schema: p,
  }))
}

/** Replaces `$ref` by what it names; members beside a `$ref` are kept (OpenAPI 3.1). */
function resolveRefs(value: unknown, file: string, documents: Documents): unknown {
  if (Array.isArray(value)) return value.map((v) => resolveRefs(v, file, documents))
  if (!isObject(value)) return value
  const { $ref, ...rest } = value
  const own = mapValues(rest, (v) => resolveRefs(v, file, documents))
  if (typeof $ref !== 'string') return own
  const [target, pointer = ''] = $ref.split('#')
  const name = target === '' || target === undefined ? file : target
  const found = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), documents.get(name))
  if (!isObject(found)) throw new Error(`${file}: ${$ref} leads nowhere`)
  return { ...(resolveRefs(found, name, documents) as Schema), ...own }
}

function mapValues(o: Record<string, unknown>, f: (v: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(o).map(([k, v]) => [k, f(v)]))
}
