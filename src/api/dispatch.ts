/** From a request to the handler of its operation. */
import { randomUUID } from 'node:crypto'
import type { AppContext } from '../context.js'
import { Invalid, NotFound, RoutingError, type IronicError } from '../errors.js'
import {
  checkBody,
  gateArguments,
  mergeArguments,
  queryArguments,
  readArguments,
} from './args/collect.js'
import { missing } from './args/convert.js'
import { checkAccept } from './accept.js'
import { isForm, isJson, parseBody, refuseNonFinite } from './body.js'
import type { Client } from './client.js'
import type { Contract } from './contract/load.js'
import type { Operation, Parameter } from './contract/types.js'
import { gateOperation, routerRefusal } from './contract/gate.js'
import type { AuthContext } from './policy/types.js'
import type { Answer, ApiRequest, Route } from './request.js'
import {
  allowedMethods,
  buildRoutes,
  controllerTrail,
  checkQueryEncoding,
  isCustom,
  matchRoute,
  segmentsOf,
  type RouteMatch,
  type RouteNode,
} from './router.js'
import { isObject } from './validation/json-schema.js'
import { pyRepr } from './validation/python-repr.js'
import { isUuidLike } from '../identifiers.js'
import { isLogicalName } from './validation/formats.js'

export interface Incoming {
  /** Told the operation once it is found. */
  readonly located: (operation: string) => void
  readonly request: Request
  readonly client: Client
  readonly path: string
  /** A `.json` was taken off the path. */
  readonly jsonSuffix: boolean
  readonly search: string
  readonly minor: number
  readonly requestId: string
  readonly auth: AuthContext
  readonly baseUrl: string
  /** Body text, already read within the limits. */
  readonly text: string
}

export type Dispatcher = (incoming: Incoming) => Promise<{ answer: Answer; operation: Operation }>

/**
 * Builds the dispatcher. Every operation of the contract must have a route and the other way
 * round; a mismatch stops the start.
 */
export function createDispatcher(
  ctx: AppContext,
  contract: Contract,
  routes: readonly Route[],
): Dispatcher {
  const handlers = new Map(routes.map((r) => [r.id, r.handler]))
  for (const op of contract.operations) {
    if (!handlers.has(op.id)) throw new Error(`the contract's ${op.id} has no route`)
  }
  for (const id of handlers.keys()) contract.operation(id)
  const tree = buildRoutes(contract.operations)
  return async (incoming) => {
    const { operation, params, positional } = locate(tree, incoming)
    incoming.located(operation.id)
    gateOperation(operation, incoming.minor, 'early')
    checkAccept(incoming.request.headers.get('accept'))
    const request = buildRequest(ctx, contract, operation, incoming, params, positional)
    const handler = handlers.get(operation.id)
    if (handler === undefined) throw new NotFound()
    return { answer: await handler(request), operation }
  }
}

interface Located {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
  readonly positional: Readonly<Record<string, string>>
}

function locate(tree: RouteNode, incoming: Incoming): Located {
  const method = incoming.request.method
  checkQueryEncoding(incoming.search)
  const segments = identifierFirst(tree, segmentsOf(incoming.path))
  if (segments[0] === '' && segments.length > 1) throw new Invalid('Malformed request URI.')
  const match = matchRoute(tree, segments, method)
  if (match.trail.length === 1 && match.rest.length > 0) {
    throw new RoutingError(404, 'Not Found')
  }
  const { operation, params, rest } = match
  refuseHidden(match, incoming.minor)
  if (operation === undefined) throw unrouted(match, incoming)
  checkRouting(match, operation)
  // Upstream looks whether the segment before the last is the collection's name.
  if (operation.path.endsWith('/detail') && incoming.path.endsWith('/')) throw new NotFound()
  return { operation, params, positional: fillPositional(match, operation, rest) }
}

/** A sub-resource younger than the request's version is not there, whatever is asked of it. */
function refuseHidden({ trail }: RouteMatch, minor: number): void {
  for (const node of trail) {
    const ops = [node, ...(node.param ? [node.param.node] : [])].flatMap((n) => [
      ...n.operations.values(),
    ])
    const [first] = ops
    if (first !== undefined && ops.every((op) => routerRefusal(op, minor) === 404)) {
      gateOperation(first, minor, first.options.below.some((b) => b.late) ? 'late' : 'early')
    }
  }
}

const notAllowed = (match: RouteMatch) =>
  new RoutingError(405, 'Method Not Allowed', '', { Allow: allowedMethods(match.trail).join(', ') })

/**
 * A method the place lacks: on the collection, one of the items' misses its identifier; on an
 * item, the collection's POST takes the identifier for its body.
 */
function unrouted(match: RouteMatch, incoming: Incoming): IronicError {
  const { method } = incoming.request
  const trail = controllerTrail(match.trail)
  const here = trail.at(-1)
  const above = trail.at(-2)
  checkIdentifiers(match)
  const items = match.trail.at(-1)?.param ?? here?.param
  const item = items?.node.operations.get(method)
  if (item !== undefined && match.rest.every((s) => s === '')) {
    gateAlways(item, incoming.minor)
    return missing(item.options.ident ?? items?.name ?? '')
  }
  const post =
    method === 'POST' && above?.param?.node === here ? above?.operations.get('POST') : undefined
  if (post === undefined) return notThere(match, incoming.minor)
  gateAlways(post, incoming.minor)
  if (post.options.bodyName !== null) {
    const taken = match.params[above?.param?.name ?? ''] ?? ''
    return new Invalid(
      `Schema error for ${post.options.bodyName}: ${pyRepr(taken)} is not of type 'object'`,
    )
  }
  checkBody(post, incoming.minor, readPayload(post, incoming).body)
  return notAllowed(match)
}

/** A method no version has, at a place the request's version may not have either. */
function notThere(match: RouteMatch, minor: number): IronicError {
  const operations = [...(match.trail.at(-1)?.operations.values() ?? [])]
  const closed = operations.find((op) => routerRefusal(op, minor) === 405)
  if (closed !== undefined) gateAlways(closed, minor)
  return notAllowed(match)
}

/** A request that fails before its handler is reached is refused for its version all the same. */
function gateAlways(op: Operation, minor: number): void {
  gateOperation(op, minor, 'early')
  gateOperation(op, minor, 'late')
}

/** A path that leads nowhere is looked up as a whole, identifiers first. */
function checkIdentifiers(match: RouteMatch): void {
  for (const op of match.trail.flatMap((n) => [...n.operations.values()])) {
    for (const p of op.parameters) checkForm(p, match.params[p.name])
  }
}

function checkForm(p: Parameter, value: string | undefined): void {
  if (p.routingKind === null || value === undefined) return
  if (isUuidLike(value) || isLogicalName(value)) return
  const text = `Expected UUID or name for ${p.routingKind}: ${value}`
  throw new RoutingError(400, 'Bad Request', text)
}

/** Identifiers that are none: reserved words, and what is neither UUID nor name. */
function checkRouting(match: RouteMatch, op: Operation): void {
  for (const p of op.parameters) {
    const value = match.params[p.name]
    if (p.routingKind === null || value === undefined) continue
    const word = match.trail.at(-1)?.literals.get(value)
    if (word !== undefined && !isCustom(word)) throw reserved(match, p, value)
    checkForm(p, value)
  }
}

/**
 * Upstream's sub-resources of a node also stand beside the nodes and take the node last:
 * `/v1/nodes/states/console/n1` is `/v1/nodes/n1/states/console`.
 */
function identifierFirst(tree: RouteNode, segments: readonly string[]): readonly string[] {
  const [collection = '', word = '', ...below] = segments
  const items = tree.literals.get(collection)?.param?.node
  const parameters = [...(items?.operations.values() ?? [])].flatMap((op) => op.parameters)
  if (!parameters.some((p) => Object.hasOwn(p.reserved, word))) return segments
  let place = items?.literals.get(word)
  let depth = 0
  for (; place?.literals.has(below[depth] ?? '') === true; depth += 1)
    place = place.literals.get(below[depth] ?? '')
  const ident = below[depth]
  if (ident === undefined || ident === '') return segments
  return [collection, ident, word, ...below.slice(0, depth), ...below.slice(depth + 1)]
}

/** The name of a sub-resource where an identifier belongs: each fails in its own way upstream. */
function reserved(match: RouteMatch, p: Parameter, word: string): IronicError {
  switch (p.reserved[word]) {
    case 'missing':
      return missing(p.name)
    case 'method':
      return new RoutingError(405, 'Method Not Allowed', '', {
        Allow: allowedMethods([...match.trail, ...subResource(match, word)]).join(', '),
      })
    default:
      return new RoutingError(404, 'Not Found')
  }
}

const subResource = (match: RouteMatch, word: string): RouteNode[] => {
  const node = match.trail.at(-1)?.literals.get(word)
  return node === undefined ? [] : [node]
}

/** Upstream takes the segment for the body of a POST. */
function surplus(match: RouteMatch, op: Operation, segment: string): IronicError {
  if (op.method !== 'POST' || op.options.bodyName === null) return notAllowed(match)
  return new Invalid(
    `Schema error for ${op.options.bodyName}: ${pyRepr(segment)} is not of type 'object'`,
  )
}

/** Path segments past the end become arguments, as pecan passes them. */
function fillPositional(
  match: RouteMatch,
  op: Operation,
  rest: readonly string[],
): Record<string, string> {
  const given = rest.filter((s) => s !== '')
  const names = op.options.positional
  if (given.length > 0 && names.length === 0) {
    throw op.method === 'DELETE' ? new NotFound() : surplus(match, op, given[0] ?? '')
  }
  if (given.length > names.length) throw new Invalid('Malformed request URI.')
  if (given.length < rest.length) {
    const item = match.trail.at(-1)?.param
    if (item) throw missing(item.node.operations.get(op.method)?.options.ident ?? item.name)
  }
  return Object.fromEntries(given.map((value, i) => [names[i] ?? '', value]))
}

function buildRequest(
  ctx: AppContext,
  contract: Contract,
  operation: Operation,
  incoming: Incoming,
  params: Readonly<Record<string, string>>,
  positional: Readonly<Record<string, string>>,
): ApiRequest<never> {
  const { body, members } = readPayload(operation, incoming)
  const raw = mergeArguments(queryArguments(new URLSearchParams(incoming.search)), {
    ...positional,
    ...members,
  })
  const args = readArguments(operation, incoming.minor, params, raw, positional)
  checkBody(operation, incoming.minor, body)
  refuseNonFinite(body)
  gateArguments(operation, incoming.minor, args)
  return {
    ctx,
    contract,
    operation,
    method: incoming.request.method,
    minor: incoming.minor,
    jsonSuffix: incoming.jsonSuffix,
    args: args as never,
    rawArgs: { ...raw, ...params },
    positional,
    body: body as never,
    baseUrl: incoming.baseUrl,
    auth: incoming.auth,
    caller: {
      requestId: incoming.requestId,
      userId: incoming.auth.userId,
      projectId: incoming.auth.projectId,
      get signal() {
        return incoming.client.signal
      },
    },
  }
}

export const newRequestId = (): string => `req-${randomUUID()}`

/**
 * The body as one document, or as arguments. Where arguments are merged, what cannot be read
 * as JSON or as a form is not there, as pecan has it.
 */
function readPayload(
  op: Operation,
  { request, text }: Incoming,
): { body: unknown; members: Record<string, unknown> } {
  if (op.body !== null && op.options.args === 'body') {
    return { body: parseBody(text), members: formMembers(request, text) }
  }
  if (request.method === 'GET' || text === '') return { body: undefined, members: {} }
  if (isForm(request)) {
    return { body: undefined, members: queryArguments(new URLSearchParams(text)) }
  }
  const document = isJson(request) ? tryParse(text) : undefined
  return { body: document, members: isObject(document) ? document : {} }
}

/** pecan reads a form, or a body of no type, as arguments, which a document operation has not. */
function formMembers(request: Request, text: string): Record<string, unknown> {
  const untyped = request.headers.get('content-type') === null
  return text !== '' && (untyped || isForm(request))
    ? queryArguments(new URLSearchParams(text))
    : {}
}

function tryParse(text: string): unknown {
  try {
    return parseBody(text)
  } catch (e) {
    if (e instanceof Invalid) return undefined
    throw e
  }
}
