/**
 * Paths to operations, built from the contract, with the rules of upstream's object dispatch
 * (rest-api.md, section 3): surplus segments are arguments, and a custom action such as
 * `detail` is an identifier for the methods it does not have.
 */
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
  /** The segment that led to the deepest place. */
  readonly last: string
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
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
    return bytes.toString('utf8').replaceAll('/', '%2F')
  })
}

const operationFor = (node: RouteNode, method: string) =>
  node.operations.get(method) ?? node.operations.get('*')

/**
 * Walks as deep as the tree goes. Literals win over parameters, unless only the parameter has
 * the method.
 */
export function matchRoute(
  root: RouteNode,
  segments: readonly string[],
  method: string,
): RouteMatch {
  const literal = walk(root, segments, method, true)
  if (literal.operation !== undefined) return literal
  const last = literal.trail.at(-1)
  const parent = literal.trail.at(-2)
  if (last === undefined || parent === undefined || !isCustom(last)) return literal
  return parent.param
    ? walk(root, segments, method, false)
    : (asArgument(literal, method) ?? literal)
}

/** A custom action that lacks the method is an argument of the place above, if that takes any. */
function asArgument(match: RouteMatch, method: string): RouteMatch | null {
  const trail = match.trail.slice(0, -1)
  const operation = operationFor(trail.at(-1) as RouteNode, method)
  if (operation === undefined || operation.options.positional.length === 0) return null
  return { ...match, trail, operation, rest: [match.last, ...match.rest] }
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
  const last = segments[i - 1] ?? ''
  return { trail, params, last, rest: segments.slice(i), operation: operationFor(node, method) }
}

/** A place that holds nothing but custom actions of the controller above it. */
function isCustom(node: RouteNode): boolean {
  const ops = [...node.operations.values()]
  return ops.length > 0 && ops.every((o) => o.options.custom)
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
