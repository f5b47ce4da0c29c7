/** Which node inspection data are about (docs/reference/conductor.md 13.3; upstream `inspect_utils.lookup_node`). */
import { eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { NotFound } from '../../errors.js'
import { infoOf } from '../node/internal-info.js'
import { nodesWithAddresses } from '../ramdisk/lookup.js'

export interface Clues {
  readonly uuid: string | undefined
  readonly macs: readonly string[]
  readonly bmcAddresses: readonly string[]
}

/**
 * Finds the node that waits for these data.
 * @returns null when nothing is known of the machine: it may be enrolled
 * @throws NotFound 404, without saying why, when the clues disagree or the node does not wait
 */
export async function lookUpInspected(ctx: AppContext, clues: Clues): Promise<NodeRow | null> {
  const byUuid = clues.uuid === undefined ? null : await uuidNode(ctx, clues.uuid)
  const byMac = await nodesWithAddresses(ctx, clues.macs)
  if (byMac.length > 1) throw new NotFound()
  const node = byUuid ?? byMac[0] ?? null
  if (byUuid !== null && byMac[0] !== undefined && byMac[0].id !== byUuid.id) throw new NotFound()
  if (node !== null && node.provisionState !== 'inspect wait') throw new NotFound()
  return await byBmc(ctx, clues.bmcAddresses, node)
}

async function uuidNode(ctx: AppContext, uuid: string): Promise<NodeRow> {
  const [row] = await ctx.db.orm.select().from(nodes).where(eq(nodes.uuid, uuid)).limit(1)
  if (row === undefined) throw new NotFound()
  return row
}

/** The BMC must be that of the node, or else point to one node that waits. */
async function byBmc(
  ctx: AppContext,
  addresses: readonly string[],
  node: NodeRow | null,
): Promise<NodeRow | null> {
  if (addresses.length === 0) return node
  if (node !== null) {
    const known = bmcOf(node)
    if (known.length > 0 && !known.some((a) => addresses.includes(a))) throw new NotFound()
    return node
  }
  const waiting = await ctx.db.orm
    .select()
    .from(nodes)
    .where(eq(nodes.provisionState, 'inspect wait'))
  const found = waiting.filter((n) => bmcOf(n).some((a) => addresses.includes(a)))
  if (found.length > 1) throw new NotFound()
  return found[0] ?? null
}

function bmcOf(node: NodeRow): string[] {
  const known = infoOf(node)['lookup_bmc_addresses']
  return Array.isArray(known) ? known.filter((a): a is string => typeof a === 'string') : []
}
