import { and, asc, eq, or } from 'drizzle-orm'
import { nodes } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'
import type { Handler } from '../../../request.js'
import { checkNodePolicy, listScope } from '../access.js'
import type { operations } from './contract.gen.js'

export const list: Handler<operations['nodeChildren.list']> = async (request) => {
  const { ctx, args, baseUrl } = request
  const node = await checkNodePolicy(request, 'baremetal:node:get', args.node_ident)
  const children = await childUuids(ctx.db.orm, node.uuid, listScope(request, undefined))
  return {
    body: {
      children,
      links: { href: `${baseUrl}/v1/nodes?parent_node=${node.uuid}`, rel: 'children' },
    },
  }
}

/** @param project only nodes it owns or leases; undefined for all */
async function childUuids(
  db: Queryable,
  parent: string,
  project: string | undefined,
): Promise<string[]> {
  const own =
    project === undefined ? undefined : or(eq(nodes.owner, project), eq(nodes.lessee, project))
  const rows = await db
    .select({ uuid: nodes.uuid })
    .from(nodes)
    .where(and(eq(nodes.parentNode, parent), own))
    .orderBy(asc(nodes.id))
  return rows.map((r) => r.uuid)
}
