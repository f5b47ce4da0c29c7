import { randomUUID } from 'node:crypto'
import { works } from '../../src/conductor/works.js'
import { registerProcess, type ProcessRegistration } from '../../src/conductor/cluster/processes.js'
import { recover } from '../../src/conductor/cluster/recovery.js'
import { handleTask } from '../../src/conductor/work/worker.js'
import type { Orm } from '../../src/db/types.js'
import type { StepDefinition, StepKind } from '../../src/drivers/interfaces.js'
import { StandingClock } from './_clock.js'
import { drain, likeBed, noSignal, type Bed } from './_harness.js'

/** How a process dies at a statement: before it reaches the database, or before the answer comes. */
export type Death = 'lost' | 'unacknowledged'

class Dead extends Error {}

/** Steps of a kind, the first of which comes first, that tell when they run. */
export const loggingSteps = (
  kind: StepKind,
  names: readonly string[],
  ran: (step: string) => void,
): StepDefinition[] =>
  names.map((step, i) => ({
    step,
    kind,
    priority: 100 - i,
    requiresRamdisk: false,
    run: () => Promise.resolve(ran(step)).then(() => undefined),
  }))

/**
 * The same process with a database that is gone from its `n`-th statement on: what kill -9 looks
 * like from the database.
 */
function mortal(ctx: Bed, n: number, death: Death, die: () => void): Bed {
  let left = n
  const orm = new Proxy(ctx.db.orm, {
    get(target, name: keyof Orm) {
      if (name !== 'execute') return target[name]
      return async (statement: Parameters<Orm['execute']>[0]) => {
        if (left <= 0) throw new Dead()
        const last = --left === 0
        if (last) die()
        if (last && death === 'lost') throw new Dead()
        const result: unknown = await target.execute(statement)
        if (last) throw new Dead()
        return result
      }
    },
  })
  return likeBed(ctx, { db: { ...ctx.db, orm } })
}

/**
 * Works on the first task of the queue until the process dies at a statement.
 * @returns false when the work was done before
 */
export async function workUntilDeath(ctx: Bed, n: number, death: Death): Promise<boolean> {
  const next = ctx.queue.messages.shift()!
  const killed = new AbortController()
  const dying = mortal(ctx, n, death, () => killed.abort(new Dead()))
  await handleTask(dying, works, next.taskId, killed.signal).catch((error: unknown) => {
    if (!(error instanceof Dead)) throw error
  })
  return killed.signal.aborted
}

/** The next life of the process: it registers and finds what was left. */
export async function rise(ctx: Bed): Promise<{ bed: Bed; registration: ProcessRegistration }> {
  const clock = new StandingClock(ctx.clock.now().getTime())
  const bed = likeBed(ctx, { clock, processId: randomUUID() })
  const registration = await registerProcess(bed, ['conductor'])
  await recover(bed, noSignal, { atStart: true })
  return { bed, registration }
}

/** The next life of the process, in which it works until nothing is left. */
export async function liveAgain(ctx: Bed): Promise<Bed> {
  const { bed, registration } = await rise(ctx)
  await drain(bed)
  await registration.close()
  return bed
}
