import { and, eq, isNull, notInArray } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodes } from '../../db/schema/index.js'
import { systemCaller } from '../work/caller.js'
import { writeIdle } from '../node/idle-writes.js'
import { nodeTask } from '../node/with-node.js'
import { faults } from '../state/states.js'
import { forEachNode, ownedPages } from './owned.js'
import { isAskable, readPower } from './power-reading.js'
import type { Periodic } from './schedule.js'

/** Nodes that a power failure put into maintenance leave it when their machine answers. */
export function powerRecovery(ctx: AppContext): Periodic {
  return {
    name: 'power failure recovery',
    interval: ctx.config.conductor.power_failure_recovery_interval,
    run: recoverAll,
  }
}

/** One round. */
export async function recoverAll(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const failed = and(eq(nodes.maintenance, true), eq(nodes.fault, faults.power))
  const idle = and(failed, isNull(nodes.reservation), isNull(nodes.targetPowerState))
  const where = and(idle, notInArray(nodes.provisionState, ['enroll']))
  const workers = ctx.config.conductor.periodic_max_workers
  for await (const rows of ownedPages(ctx, where)) {
    if (signal.aborted) return
    await forEachNode(ctx, rows, workers, signal, async (row) => {
      const task = nodeTask(ctx, systemCaller(signal), { row, held: null })
      if (!(await isAskable(task))) return
      const reading = await readPower(task)
      if ('error' in reading) return
      const well = { maintenance: false, maintenanceReason: null, fault: null }
      await writeIdle(ctx, { row, changes: { ...well, powerState: reading.state } })
    })
  }
}
