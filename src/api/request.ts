import type { Caller } from '../conductor/work/caller.js'
import type { AppContext } from '../context.js'
import type { Contract } from './contract/load.js'
import type { Operation } from './contract/types.js'
import type { AuthContext } from './policy/types.js'

/** What openapi-typescript generates for an operation. */
interface GeneratedOperation {
  parameters: { query?: unknown; path?: unknown }
  requestBody?: { content: { 'application/json': unknown } } | undefined
}

type Members<T> = [NonNullable<T>] extends [never] ? unknown : NonNullable<T>
export type ArgumentsOf<O> = O extends GeneratedOperation
  ? Members<O['parameters']['query']> & Members<O['parameters']['path']>
  : never
export type BodyOf<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { 'application/json': infer J } }
    ? J
    : undefined
  : undefined

/** A request whose arguments and body satisfy the contract. `O` is its generated type. */
export interface ApiRequest<O = GeneratedOperation> {
  readonly ctx: AppContext
  readonly contract: Contract
  readonly operation: Operation
  /** HTTP method, for operations that serve several. */
  readonly method: string
  /** Negotiated microversion, the N of 1.N. */
  readonly minor: number
  /** The path came with `.json`: an object not found is looked for again with it (3.1). */
  readonly jsonSuffix: boolean
  readonly args: ArgumentsOf<O>
  /** The raw spelling of path and query arguments, for links and texts that echo them. */
  readonly rawArgs: Readonly<Record<string, unknown>>
  /** Those of them that came as surplus path segments. */
  readonly positional: Readonly<Record<string, unknown>>
  readonly body: BodyOf<O>
  /** `<scheme>://<host>` or `[api] public_endpoint`; no trailing slash. */
  readonly baseUrl: string
  readonly auth: AuthContext
  readonly caller: Caller
}

/** All arguments of an operation whose body shares the query's namespace (`args: merged`). */
export function mergedArguments<O>(
  request: ApiRequest<O>,
): ArgumentsOf<O> & Partial<NonNullable<BodyOf<O>>> {
  return request.args as ArgumentsOf<O> & Partial<NonNullable<BodyOf<O>>>
}

/** What a handler answers. `undefined` body means none. */
export interface Answer {
  /** The contract's status unless given. */
  readonly status?: number
  readonly body?: unknown
  /** Path below the base, e.g. `/v1/nodes/<uuid>`. */
  readonly location?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler<O = GeneratedOperation> = (request: ApiRequest<O>) => Promise<Answer>

/** A row of a resource's `routes.ts`: the operation of the contract and what it does. */
export interface Route {
  readonly id: string
  readonly handler: (request: ApiRequest<never>) => Promise<Answer>
}

/** Ties an operation id to its handler; the handler's type says which arguments it reads. */
export function route<O>(id: string, handler: Handler<O>): Route {
  return { id, handler }
}
