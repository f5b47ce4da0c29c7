/**
 * Paths to operations, built from the contract, with the rules of upstream's object dispatch
 * (docs/reference/rest-api.md, section 3): surplus segments are arguments, and a custom action such as
 * `detail` is an identifier for the methods it does not have.
 */
import { isUtf8 } from 'node:buffer'
import { RoutingError } from '../errors.js'
import type { Operation } from './contract/types.js'

export interface RouteNode {
  readonly literals: Map<string, RouteNode>
  param: { name: string; node: RouteNode } | null
  readonly operations: Map<string, Operation>
}

export interface RouteMatch {
  /** The places passed, from the root to the deepest. */
  readonly trail: readonly RouteNode[]
  readonly params: Readonly<Record<string, string>>
  /** Segments past the deepest known place. */
  readonly rest: readonly string[]
  readonly operation: Operation | undefined
}

const newNode = (): RouteNode => ({ literals: new Map(), param: null, operations: new Map() })

/** The tree of all operations; `/v1` is left out, since every path works without it too. */
export function buildRoutes(operations: readonly Operation[]): RouteNode {
  const root = newNode()
  for (const op of operations) {
    let at = root
    for (const segment of segmentsOf(op.path)) at = child(at, segment)
    at.operations.set(op.options.anyMethod ? '*' : op.method, op)
  }
  return root
}

function child(at: RouteNode, segment: string): RouteNode {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1]
  if (name === undefined) {
    const next = at.literals.get(segment) ?? newNode()
    at.literals.set(segment, next)
    return next
  }
  at.param ??= { name, node: newNode() }
  if (at.param.name !== name) throw new Error(`a path names ${at.param.name} ${name} too`)
  return at.param.node
}

/** Path segments without `/v1`, decoded. One slash at the end is ignored. */
export function segmentsOf(path: string): string[] {
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (parts[0] === 'v1') parts.shift()
  return parts.map((s) => (s.includes('%') ? decodeSegment(s) : s))
}

/** As Python's `unquote`: bad escapes stay, and so does a slash, which must not split. */
function decodeSegment(segment: string): string {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    decodeUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')).replaceAll('/', '%2F'),
  )
}

/** @throws RoutingError 400 for bytes that are not UTF-8 */
function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new RoutingError(400, 'Bad Request')
  return bytes.toString('utf8')
}

/** @throws RoutingError 400 for a query whose escapes are not UTF-8 */
export function checkQueryEncoding(search: string): void {
  for (const [run] of search.matchAll(/(?:%[0-9a-f]{2})+/gi)) {
    decodeUtf8(Buffer.from(run.replaceAll('%', ''), 'hex'))
  }
}

const operationFor = (node: RouteNode, method: string) =>
  node.operations.get(method) ?? node.operations.get('*')

/**
 * Walks as deep as the tree goes. Literals win over parameters; a custom action that lacks the
 * method, or that is not the last segment of a GET, is an identifier or an argument of the place
 * above it (pecan/rest.py, `_handle_custom_action`).
 */
export function matchRoute(
  root: RouteNode,
  segments: readonly string[],
  method: string,
): RouteMatch {
  const match = walk(root, segments, method, true)
  const last = match.trail.at(-1)
  const parent = match.trail.at(-2)
  if (last === undefined || parent === undefined || !isCustom(last)) return match
  if (last.param !== null || parent.param?.node === last) return match
  const passed = method === 'GET' && match.rest.some((segment) => segment !== '')
  if (match.operation !== undefined && !passed) return match
  if (parent.param !== null) return walk(root, segments, method, false)
  const taken = segments[match.trail.length - 2] ?? ''
  return {
    trail: match.trail.slice(0, -1),
    params: match.params,
    rest: [taken, ...match.rest],
    operation: operationFor(parent, method),
  }
}

function walk(
  root: RouteNode,
  segments: readonly string[],
  method: string,
  customToo: boolean,
): RouteMatch {
  const params: Record<string, string> = {}
  const trail = [root]
  let node = root
  let i = 0
  for (; i < segments.length; i++) {
    const segment = segments[i] ?? ''
    const literal = node.literals.get(segment)
    if (literal !== undefined && (customToo || node.param === null || !isCustom(literal))) {
      node = literal
    } else if (node.param !== null && segment !== '') {
      params[node.param.name] = segment
      node = node.param.node
    } else break
    trail.push(node)
  }
  return { trail, params, rest: segments.slice(i), operation: operationFor(node, method) }
}

/** A place that holds nothing but custom actions of the controller above it. */
export function isCustom(node: RouteNode): boolean {
  const ops = [...node.operations.values()]
  return ops.length > 0 && ops.every((o) => o.options.custom)
}

/** Without the custom action a match ended in: the places of the controller itself. */
export function controllerTrail(trail: readonly RouteNode[]): readonly RouteNode[] {
  const last = trail.at(-1)
  return last !== undefined && isCustom(last) ? trail.slice(0, -1) : trail
}

/** The methods of the controller a match ended in, as `Allow` lists them. */
export function allowedMethods(trail: readonly RouteNode[]): string[] {
  let i = trail.length - 1
  const up = () => trail[i - 1]
  for (; i > 0; i--) {
    const node = trail[i]
    if (node === undefined || !(isCustom(node) || up()?.param?.node === node)) break
  }
  const node = trail[i]
  const ops = [
    ...(node?.operations.values() ?? []),
    ...(node?.param?.node.operations.values() ?? []),
  ]
  return [...new Set(ops.filter((o) => !o.options.custom).map((o) => o.method))].sort()
}
