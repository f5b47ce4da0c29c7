import { setMaxListeners } from 'node:events'
import type { AppContext } from '../../context.js'
import { periodicSeconds } from '../../metrics.js'

export interface Periodic {
  readonly name: string
  /** Seconds between the end of one run and the start of the next; 0 or less: never. */
  readonly interval: number
  run(ctx: AppContext, signal: AbortSignal): Promise<void>
}

/** Conductors that start together do not stay together. */
const jitter = 0.1

/**
 * Runs each task at its interval, the first time one interval from now, never twice at once.
 * @returns stops them and waits for those that run
 */
export function startPeriodics(
  ctx: AppContext,
  periodics: readonly Periodic[],
): () => Promise<void> {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const loops = periodics
    .filter((p) => p.interval > 0)
    .map((periodic) => loop(ctx, periodic, stop.signal))
  return async () => {
    stop.abort()
    await Promise.all(loops)
  }
}

async function loop(ctx: AppContext, periodic: Periodic, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const factor = 1 + jitter * (2 * Math.random() - 1)
    try {
      await ctx.clock.sleep(periodic.interval * 1000 * factor, signal)
      await timed(periodic.name, () => periodic.run(ctx, signal))
    } catch (error) {
      if (signal.aborted) return
      ctx.log.conductor.error({ error, periodic: periodic.name }, 'a periodic task failed')
    }
  }
}

async function timed(periodic: string, run: () => Promise<void>): Promise<void> {
  const ended = periodicSeconds.startTimer({ periodic })
  try {
    await run()
    ended({ outcome: 'done' })
  } catch (error) {
    ended({ outcome: 'failed' })
    throw error
  }
}
