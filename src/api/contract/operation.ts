import { isObject, type Schema } from '../validation/json-schema.js'
import type { ArgumentKind, Below, Operation, OperationOptions, Parameter } from './types.js'
import { MAX_MINOR } from './types.js'
import { minorOf, versionRange } from './versions.js'

/** Compiles one operation of a path item whose `$ref`s are resolved. */
export function compileOperation(
  method: string,
  path: string,
  op: Schema,
  item: Schema,
): Operation {
  const id = op['operationId']
  if (typeof id !== 'string') throw new Error(`${method} ${path} has no operationId`)
  const options = optionsOf(op)
  const shared = (item['parameters'] ?? []) as Schema[]
  const own = (op['parameters'] ?? []) as Schema[]
  return {
    id,
    method: method.toUpperCase(),
    path,
    ...versionRange(op),
    parameters: merged(shared, own).map((p) => compileParameter(p, options.style)),
    body: bodyOf(op),
    success: successOf(op, id),
    options,
  }
}

/** A parameter of the operation replaces the path's of the same name and place. */
function merged(shared: readonly Schema[], own: readonly Schema[]): Schema[] {
  const key = (p: Schema) => `${String(p['in'])} ${String(p['name'])}`
  return [...new Map([...shared, ...own].map((p) => [key(p), p])).values()]
}

function optionsOf(op: Schema): OperationOptions {
  const x = isObject(op['x-ferric']) ? op['x-ferric'] : {}
  const given = x as Partial<OperationOptions>
  return {
    style: given.style ?? 'classic',
    args: given.args ?? 'body',
    bodyName: given.bodyName ?? null,
    policy: given.policy ?? [],
    unknown: given.unknown ?? 'name',
    positional: given.positional ?? [],
    ident: given.ident ?? null,
    below: belowOf(x['below']),
    anyMethod: given.anyMethod ?? false,
    custom: given.custom ?? false,
    public: given.public ?? false,
  }
}

const notFound = { status: 404, text: 'Resource could not be found.' }

function belowOf(given: unknown): Below[] {
  const list = (Array.isArray(given) ? given : [given ?? notFound]) as (Partial<Below> & Schema)[]
  return list.map((b) => ({
    max: b['max-ver'] === undefined ? MAX_MINOR : minorOf(b['max-ver']),
    status: b.status ?? 404,
    text: b.text ?? '',
    router: b.router ?? false,
    allow: b.allow ?? null,
    late: b.late ?? false,
  }))
}

function compileParameter(p: Schema, style: 'classic' | 'schema'): Parameter {
  const schema = (p['schema'] ?? {}) as Schema
  const x = isObject(p['x-ferric']) ? p['x-ferric'] : {}
  return {
    name: String(p['name']),
    in: p['in'] as Parameter['in'],
    required: p['required'] === true,
    schema,
    kind:
      (x['kind'] as ArgumentKind | undefined) ??
      kindOf(schema, p['in'] === 'path' ? 'classic' : style),
    below:
      (x['below'] as Parameter['below'] | undefined) ?? (style === 'classic' ? 'general' : null),
    reserved: (x['reserved'] ?? {}) as Parameter['reserved'],
    routingKind: typeof x['routingKind'] === 'string' ? x['routingKind'] : null,
    ...versionRange(p),
  }
}

/** Formats are the schema's business where everything is checked by schema. */
function kindOf(schema: Schema, style: 'classic' | 'schema'): ArgumentKind {
  const type = schema['type']
  if (type === 'integer') return 'integer'
  if (type === 'boolean') return 'boolean'
  if (type === 'array') return 'string_list'
  if (style === 'classic' && schema['format'] === 'uuid') return 'uuid'
  if (style === 'classic' && schema['format'] === 'mac-address') return 'mac_address'
  return type === 'string' ? 'string' : 'any'
}

function bodyOf(op: Schema): Schema | null {
  const body = op['requestBody']
  const content = isObject(body) ? body['content'] : undefined
  const json = isObject(content) ? content['application/json'] : undefined
  const schema = isObject(json) ? json['schema'] : undefined
  return isObject(schema) ? schema : null
}

function successOf(op: Schema, id: string): number {
  const statuses = Object.keys(op['responses'] ?? {})
  const status = statuses.find((s) => /^2\d\d$/.test(s)) ?? statuses[0]
  if (status === undefined) throw new Error(`${id} has no response`)
  return Number(status)
}
