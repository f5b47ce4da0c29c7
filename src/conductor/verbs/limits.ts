import { and, count, eq, inArray } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodes } from '../../db/schema/index.js'
import { ConcurrentActionLimit } from '../../errors.js'

const counted = {
  provisioning: ['deploying', 'wait call-back'],
  unprovisioning: ['deleting', 'cleaning', 'clean wait'],
  cleaning: ['deleting', 'cleaning', 'clean wait'],
} as const

/**
 * Refuses more work of a kind than the operator allows at once.
 * @throws ConcurrentActionLimit
 */
export async function checkConcurrency(
  ctx: AppContext,
  action: keyof typeof counted,
): Promise<void> {
  const options = ctx.config.conductor
  const limit =
    action === 'provisioning' ? options.max_concurrent_deploy : options.max_concurrent_clean
  const busy = inArray(nodes.provisionState, [...counted[action]])
  const group = options.conductor_group.toLowerCase()
  const [found] = await ctx.db.orm
    .select({ nodes: count() })
    .from(nodes)
    .where(
      options.max_concurrent_per_conductor_group
        ? and(busy, eq(nodes.conductorGroup, group))
        : busy,
    )
  if ((found?.nodes ?? 0) >= limit) throw new ConcurrentActionLimit(action)
}
