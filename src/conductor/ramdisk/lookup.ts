/** How a ramdisk finds its node and gets its token (docs/reference/conductor.md 12.1 and 12.2). */
import { randomBytes } from 'node:crypto'
import { eq, inArray } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes, ports } from '../../db/schema/index.js'
import { Invalid, NodeLocked, NotFound, NoValidHost } from '../../errors.js'
import { fastTrackEnabled } from '../../drivers/agent/alive.js'
import type { Task } from '../../drivers/interfaces.js'
import type { Caller } from '../work/caller.js'
import { infoOf } from '../node/internal-info.js'
import { tellRefusal } from './refused-calls.js'
import { ringOf } from '../cluster/ring.js'
import { lookupAllowedFastTrackStates, lookupAllowedStates } from '../state/states.js'
import { withNode } from '../node/with-node.js'
import { isMacAddress } from '../../identifiers.js'

/** The MAC addresses among these, in lower case; others are left out as upstream does. */
export function validAddresses(addresses: readonly unknown[]): string[] {
  const texts = addresses.filter((a): a is string => typeof a === 'string')
  return texts.filter((a) => isMacAddress(a)).map((a) => a.toLowerCase())
}

/**
 * The node a ramdisk belongs to, by UUID or else by the addresses of its ports.
 * @throws NotFound 404 that does not say whether the node, or only its state, is wrong; Invalid
 *   400 without anything to look for
 */
export async function lookUpNode(
  ctx: AppContext,
  addresses: readonly string[],
  uuid: string | undefined,
): Promise<NodeRow> {
  if (addresses.length === 0 && uuid === undefined) {
    throw new Invalid("At least one of 'addresses' and 'node_uuid' parameters is required")
  }
  const row = uuid === undefined ? await byAddresses(ctx, addresses) : await byUuid(ctx, uuid)
  if (row === null || (ctx.config.api.restrict_lookup && !isAllowed(ctx, row))) {
    throw new NotFound()
  }
  return row
}

async function byUuid(ctx: AppContext, uuid: string): Promise<NodeRow | null> {
  const [row] = await ctx.db.orm.select().from(nodes).where(eq(nodes.uuid, uuid)).limit(1)
  return row ?? null
}

/** The one node with ports of these addresses; null when there is none or several. */
export async function byAddresses(
  ctx: AppContext,
  addresses: readonly string[],
): Promise<NodeRow | null> {
  const found = await nodesWithAddresses(ctx, addresses)
  return found.length === 1 ? (found[0] ?? null) : null
}

/** The nodes with ports of these addresses; at most two are read. */
export async function nodesWithAddresses(
  ctx: AppContext,
  addresses: readonly string[],
): Promise<NodeRow[]> {
  if (addresses.length === 0) return []
  const owners = ctx.db.orm
    .select({ id: ports.nodeId })
    .from(ports)
    .where(isAmong(ports.address, addresses))
  return ctx.db.orm.select().from(nodes).where(inArray(nodes.id, owners)).limit(2)
}

function isAllowed(ctx: AppContext, node: NodeRow): boolean {
  const states = fastTrackEnabled({ ctx, node } as unknown as Task)
    ? lookupAllowedFastTrackStates
    : lookupAllowedStates
  return states.has(node.provisionState)
}

/** @throws NoValidHost 400 when no conductor serves the node; Unavailable 503 */
export async function requireConductor(ctx: AppContext, node: NodeRow): Promise<void> {
  try {
    await ringOf(ctx).hostFor(node)
  } catch (e) {
    if (!(e instanceof NoValidHost)) throw e
    throw new NoValidHost(node.driver ?? '', node.conductorGroup, 400)
  }
}

/**
 * The token the ramdisk must show from now on. Only the first lookup learns it.
 * @returns the token, or the mask when there was one already
 * @throws NoValidHost 400; NodeLocked 409 when the node is reserved
 */
export async function issueToken(
  ctx: AppContext,
  caller: Caller,
  node: NodeRow,
): Promise<{ node: NodeRow; token: string }> {
  await requireConductor(ctx, node)
  if (infoOf(node)['agent_secret_token']) return refuseToken(ctx, node)
  if (node.reservation !== null) throw new NodeLocked(node.uuid, node.reservation)
  const token = randomBytes(32).toString('base64url')
  const options = { purpose: 'generating an agent token', retry: false }
  return withNode(ctx, caller, node.id, options, async (task) => {
    const { agent_secret_token_pregenerated: _, ...info } = infoOf(task.node)
    if (info['agent_secret_token']) return refuseToken(ctx, { ...task.node })
    task.node.driverInternalInfo = { ...info, agent_secret_token: token }
    await task.save()
    return { node: { ...task.node }, token }
  })
}

/** An agent that got its token with its medium asks all the same, and does not need the answer. */
function refuseToken(ctx: AppContext, node: NodeRow): { node: NodeRow; token: string } {
  if (!infoOf(node)['agent_secret_token_pregenerated']) {
    const reason = 'the token of this boot was given out before; the agent has restarted.'
    tellRefusal(ctx, node.uuid, 'lookup', reason)
  }
  return { node, token: '******' }
}
