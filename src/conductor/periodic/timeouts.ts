import { and, asc, eq, isNull, lt } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import { nodes } from '../../db/schema/index.js'
import { pythonRepr } from '../../python/repr.js'
import type { NodeWork, WorkTable } from '../work/types.js'
import { failClean } from '../flows/clean.js'
import { failDeploy } from '../flows/deploy.js'
import { inspectionFailed } from '../flows/inspect.js'
import { failRescue } from '../flows/rescue.js'
import { failService } from '../flows/service.js'
import type { NodeTask } from '../node/task.js'
import { lastRefusal } from '../ramdisk/refused-calls.js'
import type { State } from '../state/states.js'
import { forEachNode, ownedNodes, withIdleNode } from './owned.js'
import type { Periodic } from './schedule.js'

/** Machines that should have called and did not (docs/reference/conductor.md 15). */

interface WaitLimit {
  readonly state: State
  readonly work: string
  readonly seconds: (ctx: AppContext) => number
  readonly interval: (ctx: AppContext) => number
  readonly since: 'provisionUpdatedAt' | 'inspectionStartedAt'
  readonly keepsTarget: boolean
}

const provisionCheck = (ctx: AppContext): number =>
  ctx.config.conductor.check_provision_state_interval
const common = { interval: provisionCheck, since: 'provisionUpdatedAt', keepsTarget: true } as const

const limits: readonly WaitLimit[] = [
  {
    ...common,
    state: 'wait call-back',
    work: 'deploy-timeout',
    seconds: (ctx) => ctx.config.conductor.deploy_callback_timeout,
    keepsTarget: false,
  },
  {
    ...common,
    state: 'clean wait',
    work: 'clean-timeout',
    seconds: (ctx) => ctx.config.conductor.clean_callback_timeout,
  },
  {
    ...common,
    state: 'rescue wait',
    work: 'rescue-timeout',
    seconds: (ctx) => ctx.config.conductor.rescue_callback_timeout,
    interval: (ctx) => ctx.config.conductor.check_rescue_state_interval,
  },
  {
    ...common,
    state: 'service wait',
    work: 'service-timeout',
    seconds: (ctx) => ctx.config.conductor.service_callback_timeout,
  },
  {
    ...common,
    state: 'inspect wait',
    work: 'inspect-timeout',
    seconds: (ctx) => ctx.config.conductor.inspect_wait_timeout,
    since: 'inspectionStartedAt',
    keepsTarget: false,
  },
]

/** One periodic per wait state whose limit is set. */
export function timeoutPeriodics(ctx: AppContext): Periodic[] {
  return limits
    .filter((limit) => limit.seconds(ctx) > 0)
    .map((limit) => ({
      name: `${limit.state} time-out`,
      interval: limit.interval(ctx),
      run: (context, signal) => failOverdue(context, limit, signal),
    }))
}

async function failOverdue(ctx: AppContext, limit: WaitLimit, signal: AbortSignal): Promise<void> {
  const column = nodes[limit.since]
  const before = new Date(ctx.clock.now().getTime() - limit.seconds(ctx) * 1000)
  const waits = eq(nodes.provisionState, limit.state)
  const idle = and(waits, isNull(nodes.reservation), eq(nodes.maintenance, false))
  const overdue = await ownedNodes(ctx, and(idle, lt(column, before)), asc(column))
  const workers = ctx.config.conductor.periodic_max_workers
  await forEachNode(ctx, overdue, workers, signal, async (row) => {
    await withIdleNode(ctx, row, `${limit.state} time-out`, signal, async (task) => {
      const at = task.node[limit.since]
      const still = task.node.provisionState === limit.state && !task.node.maintenance
      if (!still || at === null || at >= before) return
      const kept = limit.keepsTarget ? (task.node.targetProvisionState as State | null) : null
      task.transition('fail', { callback: true, ...(kept === null ? {} : { target: kept }) })
      await task.spawn(limit.work, { since: at.toISOString() })
    })
  })
}

const ramdiskText = (gerund: string, step: JsonObject | null): string =>
  `Timeout reached while ${gerund} the node. Please check if the ramdisk responsible for the ${gerund} is running on the node. Failed on step ${pythonRepr(step ?? {})}.`

const work = (method: string, run: NodeWork['run']): NodeWork => ({
  lock: 'handed',
  method,
  run,
})
const inFailState = { setFailState: false }

/** The machine may have called all the time, and not been let in. */
const refusal = async ({ ctx, node }: NodeTask, since: unknown): Promise<string> =>
  typeof since === 'string' ? await lastRefusal(ctx, node.id, new Date(since)) : ''

/** What follows a time-out; the node is in its failure state already. */
export const timeoutWorks: WorkTable = {
  'deploy-timeout': work('cleanup_after_timeout', async (task, { since }) => {
    const text = `Timeout reached while waiting for callback for node ${task.node.uuid}`
    await failDeploy(task, text + (await refusal(task, since)), inFailState)
  }),
  'clean-timeout': work('cleanup_cleanwait_timeout', (task) =>
    failClean(task, ramdiskText('cleaning', task.node.cleanStep), inFailState),
  ),
  'service-timeout': work('cleanup_servicewait_timeout', (task) =>
    failService(task, ramdiskText('servicing', task.node.serviceStep), inFailState),
  ),
  'rescue-timeout': work('cleanup_rescuewait_timeout', (task) =>
    failRescue(task, 'Timeout reached while waiting for rescue ramdisk callback for node'),
  ),
  'inspect-timeout': work('cleanup_inspectwait_timeout', (task) =>
    inspectionFailed(
      task,
      'Timeout reached while inspecting the node. Please check if the ramdisk responsible for the inspection is running on the node.',
    ),
  ),
}
