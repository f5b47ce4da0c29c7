/** Paths to operations, built from the contract. */
import type { Operation } from './contract/types.js'

export interface RouteNode {
  readonly literals: Map<string, RouteNode>
  param: { name: string; node: RouteNode } | null
  readonly operations: Map<string, Operation>
}

export interface RouteMatch {
  readonly node: RouteNode
  readonly params: Readonly<Record<string, string>>
  /** Segments past the deepest known place. */
  readonly rest: readonly string[]
}

const newNode = (): RouteNode => ({ literals: new Map(), param: null, operations: new Map() })

/** The tree of all operations; `/v1` is left out, since every path works without it too. */
export function buildRoutes(operations: readonly Operation[]): RouteNode {
  const root = newNode()
  for (const op of operations) {
    let at = root
    for (const segment of segmentsOf(op.path)) at = child(at, segment)
    at.operations.set(op.method, op)
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

/** Path segments without `/v1`, decoded; empty ones dropped. @throws URIError on a bad escape */
export function segmentsOf(path: string): string[] {
  const parts = path.split('/').filter((s) => s !== '')
  if (parts[0] === 'v1') parts.shift()
  return parts.map((s) => (s.includes('%') ? decodeSegment(s) : s))
}

/** An encoded slash stays encoded: it must not split a segment. */
function decodeSegment(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((s) => (/^%2f$/i.test(s) ? s : decodeURIComponent(s)))
    .join('')
}

/** Walks as deep as the tree goes; literals win over parameters. */
export function matchRoute(root: RouteNode, segments: readonly string[]): RouteMatch {
  const params: Record<string, string> = {}
  let node = root
  for (const [i, segment] of segments.entries()) {
    const literal = node.literals.get(segment)
    if (literal !== undefined) {
      node = literal
    } else if (node.param !== null) {
      params[node.param.name] = segment
      node = node.param.node
    } else {
      return { node, params, rest: segments.slice(i) }
    }
  }
  return { node, params, rest: [] }
}

/** Methods of the resource a node belongs to: its own and its items'. */
export function methodsOf(node: RouteNode): string[] {
  const own = [...node.operations.keys()]
  const items = node.param === null ? [] : [...node.param.node.operations.keys()]
  return [...new Set([...own, ...items])].sort()
}
