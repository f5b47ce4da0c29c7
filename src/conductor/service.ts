import type { AppContext } from '../context.js'
import { works } from './works.js'
import { restoreConsoles } from './periodic/consoles.js'
import { housekeeping } from './periodic/housekeeping.js'
import { interfacePeriodics } from './periodic/interfaces.js'
import { powerRecovery } from './periodic/power-recovery.js'
import { powerSync } from './periodic/power-sync.js'
import { startPeriodics, type Periodic } from './periodic/schedule.js'
import { sensors } from './periodic/sensors.js'
import { timelinePurge } from './periodic/timeline-purge.js'
import { timeoutPeriodics } from './periodic/timeouts.js'
import { registerProcess } from './cluster/processes.js'
import { recover } from './cluster/recovery.js'
import { keepAlive, registerConductor, unregisterConductor } from './cluster/registration.js'
import { anyConductorQueue } from './work/tasks.js'
import { handleTask } from './work/worker.js'

/** The role `conductor` of this process. */
export interface ConductorService {
  /**
   * Leaves the ring, takes no more work, lets running work finish for at most `deadlineMs` and hands
   * back the rest.
   */
  close(deadlineMs: number): Promise<void>
}

/**
 * Starts the conductor: registers it, takes over what an earlier life left, takes work.
 * @throws when the database or the queue cannot be used
 */
export async function startConductor(ctx: AppContext): Promise<ConductorService> {
  const stop = new AbortController()
  const process = await registerProcess(ctx, ['conductor'])
  await registerConductor(ctx)
  const consumer = await ctx.queue.consume(
    queuesOf(ctx),
    ctx.config.conductor.workers_pool_size,
    (taskId, signal) => handleTask(ctx, works, taskId, signal),
  )
  await recover(ctx, stop.signal, { atStart: true })
  const stopPeriodics = startPeriodics(ctx, periodicsOf(ctx))
  const consoles = restoreConsoles(ctx, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) ctx.log.conductor.error({ error }, 'consoles could not be restored')
  })
  return {
    async close(deadlineMs) {
      stop.abort()
      await Promise.all([stopPeriodics(), consoles])
      await unregisterConductor(ctx)
      await consumer.close(deadlineMs)
      await process.close()
    },
  }
}

/** The queue of all conductors, and one per driver of this conductor's group. */
function queuesOf(ctx: AppContext): string[] {
  const group = ctx.config.conductor.conductor_group.toLowerCase()
  return [
    anyConductorQueue,
    ...[...ctx.drivers.hardwareTypes.keys()].map((driver) => `conductor:${group}:${driver}`),
  ]
}

function periodicsOf(ctx: AppContext): Periodic[] {
  const alive: Periodic = {
    name: 'keepalive',
    interval: ctx.config.conductor.heartbeat_interval,
    run: keepAlive,
  }
  return [
    alive,
    powerSync(ctx),
    powerRecovery(ctx),
    ...timeoutPeriodics(ctx),
    ...housekeeping(ctx),
    timelinePurge(),
    sensors(ctx),
    ...interfacePeriodics(ctx),
  ]
}
