import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { NoValidHost } from '../../errors.js'
import { routeNode } from '../cluster/ring.js'

type Routed = Pick<NodeRow, 'driver' | 'conductorGroup' | 'uuid'>

/**
 * The conductor that serves a node about to be written. A driver nobody serves is the client's
 * mistake here, not a thing that was not found (docs/reference/conductor.md, section 1).
 * @throws NoValidHost 400, Unavailable 503
 */
export async function routeForWrite(ctx: AppContext, node: Routed): Promise<string> {
  try {
    return await routeNode(ctx, node)
  } catch (e) {
    if (!(e instanceof NoValidHost)) throw e
    throw new NoValidHost(node.driver ?? 'None', node.conductorGroup, 400)
  }
}
