import { and, asc, eq, isNull, ne, or, sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodes } from '../../db/schema/index.js'
import { forgetLeases } from '../../drivers/bmc/lease-rows.js'
import { recover, requeueAllocations } from '../cluster/recovery.js'
import { conductorId } from '../cluster/registration.js'
import { forEachNode, ownedNodes, withIdleNode } from './owned.js'
import type { Periodic } from './schedule.js'

/** Sweeps: unfinished work, nodes that changed conductor, old rows (docs/reference/conductor.md 15). */

/** Seconds between sweeps for what nobody works on; upstream's orphan check runs every 60. */
const sweepInterval = 15
const leasePurgeInterval = 3600

export function housekeeping(ctx: AppContext): Periodic[] {
  const options = ctx.config.conductor
  return [
    {
      name: 'recovery',
      interval: sweepInterval,
      run: async (context, signal) => {
        await recover(context, signal)
      },
    },
    {
      name: 'orphaned allocations',
      interval: options.check_allocations_interval,
      run: requeueAllocations,
    },
    { name: 'take-over', interval: options.sync_local_state_interval, run: takeOverNodes },
    {
      name: 'history purge',
      interval: options.node_history_max_entries > 0 ? options.node_history_cleanup_interval : 0,
      run: purgeHistory,
    },
    {
      name: 'stale conductors',
      interval: options.conductor_cleanup_interval,
      run: removeStaleConductors,
    },
    { name: 'old BMC leases', interval: leasePurgeInterval, run: forgetLeases },
  ]
}

/** Nodes with an instance that the ring gave to this conductor. */
export async function takeOverNodes(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const mine = await conductorId(ctx)
  if (mine === null) return
  const active = and(eq(nodes.provisionState, 'active'), eq(nodes.maintenance, false))
  const others = or(isNull(nodes.conductorAffinity), ne(nodes.conductorAffinity, mine))
  const where = and(active, isNull(nodes.reservation), others)
  const rows = await ownedNodes(ctx, where, asc(nodes.id))
  const workers = ctx.config.conductor.periodic_max_workers
  await forEachNode(ctx, rows, workers, signal, async (row) => {
    await withIdleNode(ctx, row, 'checking active node', signal, async (task) => {
      const { node } = task
      if (node.provisionState !== 'active' || node.conductorAffinity === mine) return
      if (node.maintenance) return
      await task.spawn('take-over')
    })
  })
}

/** Removes the oldest rows beyond what is kept per node, as many as one round may. */
export async function purgeHistory(ctx: AppContext): Promise<void> {
  const options = ctx.config.conductor
  const batch = options.node_history_cleanup_batch_count
  if (batch === 0) return
  const days = options.node_history_minimum_days
  const now = ctx.clock.now().getTime()
  const before = new Date(now - days * 86_400_000).toISOString()
  await ctx.db.orm.execute(
    sql`delete from node_history where id in (
      select id from (
        select id, created_at,
          row_number() over (partition by node_id order by id desc) as place
        from node_history
      ) h where place > ${options.node_history_max_entries}
        and (${days} = 0 or created_at < ${before}::timestamptz)
      order by id limit ${batch}
    )`,
  )
}

/** Removes the rows of conductors that have been gone for long. */
export async function removeStaleConductors(ctx: AppContext): Promise<void> {
  const options = ctx.config.conductor
  if (options.conductor_cleanup_timeout < 3 * options.heartbeat_timeout) return
  const age = options.conductor_cleanup_timeout * 1000
  const before = new Date(ctx.clock.now().getTime() - age).toISOString()
  await ctx.db.orm.execute(
    sql`with stale as (
      select id, hostname from conductors
      where updated_at < ${before}::timestamptz and hostname <> ${ctx.host}
      order by updated_at limit ${options.conductor_cleanup_batch_size}
    ), freed as (
      update nodes set conductor_affinity = null from stale
      where nodes.conductor_affinity = stale.id
    ) delete from conductors where id in (select id from stale)`,
  )
}
