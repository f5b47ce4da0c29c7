import { and, eq } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import type { AppContext } from '../../context.js'
import { tasks } from '../../db/schema/index.js'
import { service } from '../../services.js'

/**
 * A queue on Redis may lose what it was told. Whoever announced a task looks after a moment whether
 * it was taken, and announces it again when it was not: a restart of Redis costs seconds, not the
 * time until the next sweep. The sweep is for what died with its process.
 */

/** When after an announcement it is looked at, and again. */
const looksAfterMs = [1_500, 3_000, 6_000, 12_000] as const
const mostWatched = 5_000

interface Watch {
  readonly queue: string
  tries: number
  due: number
}
interface Watcher {
  readonly watched: Map<string, Watch>
  timer: NodeJS.Timeout | null
}

const taskWatcher = service({
  name: 'watch over announced tasks',
  create: (_ctx: AppContext): Watcher => ({ watched: new Map(), timer: null }),
  close: ({ watched, timer }) => {
    watched.clear()
    if (timer !== null) clearTimeout(timer)
  },
})

const nowOf = ({ clock }: AppContext): number => clock.now().getTime()

/** Keeps an eye on a task that was just announced. */
export function watchTask(ctx: AppContext, queue: string, taskId: string): void {
  if (ctx.config.ferric.queue_url === null) return
  const watcher = taskWatcher(ctx)
  if (watcher.watched.size >= mostWatched) return
  watcher.watched.set(taskId, { queue, tries: 0, due: nowOf(ctx) + looksAfterMs[0] })
  schedule(ctx, watcher)
}

/** A timer of its own, which keeps no process alive. */
function schedule(ctx: AppContext, watcher: Watcher): void {
  watcher.timer ??= setTimeout(() => {
    lookAgain(ctx, watcher)
      .catch((error: unknown) =>
        ctx.log.queue.warn({ error }, 'queued tasks could not be looked at'),
      )
      .finally(() => {
        watcher.timer = null
        if (watcher.watched.size > 0) schedule(ctx, watcher)
      })
  }, 500).unref()
}

async function lookAgain(ctx: AppContext, { watched }: Watcher): Promise<void> {
  const now = nowOf(ctx)
  const due = [...watched].filter(([, watch]) => watch.due <= now).map(([id]) => id)
  if (due.length === 0) return
  const open = await ctx.db.orm
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(isAmong(tasks.id, due), eq(tasks.state, 'queued')))
  const queued = new Set(open.map((task) => task.id))
  for (const id of due) if (!queued.has(id)) watched.delete(id)
  await Promise.all([...queued].map((id) => again(ctx, watched, id, now)))
}

async function again(ctx: AppContext, watched: Map<string, Watch>, id: string, now: number) {
  const watch = watched.get(id)
  if (watch === undefined) return
  watch.tries++
  const next = looksAfterMs[watch.tries]
  if (next === undefined) watched.delete(id)
  else watch.due = now + next
  await ctx.queue.publish(watch.queue, id, { key: `${id}.again.${watch.tries}` })
}
