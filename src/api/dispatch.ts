/** From a request to the handler of its operation. */
import { randomUUID } from 'node:crypto'
import type { AppContext } from '../context.js'
import { Invalid, IronicError, NotFound, RoutingError } from '../errors.js'
import { checkBody, gateArguments, queryArguments, readArguments } from './args/collect.js'
import { missing } from './args/convert.js'
import { parseBody } from './body.js'
import type { Contract } from './contract/load.js'
import type { Operation } from './contract/types.js'
import type { AuthContext } from './policy/types.js'
import type { Answer, ApiRequest, Route } from './request.js'
import {
  buildRoutes,
  matchRoute,
  methodsOf,
  segmentsOf,
  type RouteMatch,
  type RouteNode,
} from './router.js'
import { isObject } from './validation/json-schema.js'
import { isLogicalName, isUuidLike } from './validation/formats.js'

export interface Incoming {
  readonly request: Request
  readonly path: string
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
    gateOperation(operation, incoming.minor)
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
  const match = matchRoute(tree, decoded(incoming.path))
  if (match.node === tree && match.rest.length > 0) throw notFound()
  const method = incoming.request.method
  const operation = match.node.operations.get(method)
  if (operation === undefined) throw unrouted(match, method)
  checkRouting(operation, match.params)
  return { operation, params: match.params, positional: fillPositional(operation, match.rest) }
}

function decoded(path: string): string[] {
  try {
    return segmentsOf(path)
  } catch (e) {
    throw new Invalid('Malformed request URI.', e)
  }
}

const notFound = () => new RoutingError(404, 'Not Found')

/** Upstream: a method of the items on the collection misses its identifier; others are 405. */
function unrouted(match: RouteMatch, method: string): IronicError {
  const item = match.rest.length === 0 ? match.node.param : null
  const op = item?.node.operations.get(method)
  if (item && op !== undefined) return missing(op.options.ident ?? item.name)
  const allow = methodsOf(match.node).join(', ')
  return new RoutingError(405, 'Method Not Allowed', '', { Allow: allow })
}

function checkRouting(op: Operation, params: Readonly<Record<string, string>>): void {
  for (const p of op.parameters) {
    const value = params[p.name]
    if (p.routingKind === null || value === undefined) continue
    if (!isUuidLike(value) && !isLogicalName(value)) {
      throw new RoutingError(
        400,
        'Bad Request',
        `Expected UUID or name for ${p.routingKind}: ${value}`,
      )
    }
  }
}

/** Path segments past the end become arguments, as pecan passes them. */
function fillPositional(op: Operation, rest: readonly string[]): Record<string, string> {
  const names = op.options.positional
  if (rest.length > names.length) throw new NotFound()
  return Object.fromEntries(rest.map((value, i) => [names[i] ?? '', value]))
}

function gateOperation(op: Operation, minor: number): void {
  if (minor >= op.min && minor <= op.max) return
  const { status, text } = op.options.below
  throw new IronicError(text, { status })
}

function buildRequest(
  ctx: AppContext,
  contract: Contract,
  operation: Operation,
  incoming: Incoming,
  params: Readonly<Record<string, string>>,
  positional: Readonly<Record<string, string>>,
): ApiRequest<never> {
  const merged = operation.options.args === 'merged'
  const hasBody = operation.body !== null || incoming.request.method === 'DELETE'
  const body = hasBody ? parseBody(incoming.text) : undefined
  const members = (merged || operation.body === null) && isObject(body) ? body : {}
  const raw = { ...queryArguments(new URLSearchParams(incoming.search)), ...positional, ...members }
  const args = readArguments(operation, incoming.minor, params, raw)
  checkBody(operation, body)
  gateArguments(operation, incoming.minor, args)
  return {
    ctx,
    contract,
    operation,
    minor: incoming.minor,
    args: args as never,
    rawArgs: { ...raw, ...params },
    body: body as never,
    baseUrl: incoming.baseUrl,
    auth: incoming.auth,
    caller: {
      requestId: incoming.requestId,
      userId: incoming.auth.userId,
      projectId: incoming.auth.projectId,
      signal: incoming.request.signal,
    },
  }
}

export const newRequestId = (): string => `req-${randomUUID()}`
