import { sql } from 'drizzle-orm'
import { Gauge, Registry } from 'prom-client'
import { rawRows } from '../db/raw-rows.js'
import type { AppContext } from '../context.js'

/**
 * What the database knows of the fleet, for `/metrics`: every process that answers it says the same.
 * Read when it is scraped, at most every few seconds however many scrape.
 */

/** A scrape that comes sooner gets the figures of the one before. */
const freshForMs = 5_000

/** How many nodes there are, and what is under way, as gauges of a registry of their own. */
export class FleetMetrics {
  readonly registry = new Registry()
  readonly #ctx: AppContext
  #readAt = -Infinity
  #reading: Promise<void> | null = null

  readonly #nodes = new Gauge({
    name: 'ferric_nodes',
    help: 'Nodes, by driver, provision state and whether they are in maintenance.',
    labelNames: ['driver', 'state', 'maintenance'] as const,
    registers: [this.registry],
  })
  readonly #tasks = new Gauge({
    name: 'ferric_tasks',
    help: 'Background tasks that are not done, by kind and state.',
    labelNames: ['kind', 'state'] as const,
    registers: [this.registry],
  })
  readonly #reservations = new Gauge({
    name: 'ferric_reservations',
    help: 'Nodes that are reserved, by the conductor that holds them.',
    labelNames: ['host'] as const,
    registers: [this.registry],
  })
  readonly #waiters = new Gauge({
    name: 'ferric_lock_waiters',
    help: 'Requests and tasks that wait for the reservation of a node.',
    registers: [this.registry],
  })
  readonly #oldest = new Gauge({
    name: 'ferric_oldest_queued_task_seconds',
    help: 'How long the task that waits longest has been due; 0 when none waits.',
    registers: [this.registry],
  })

  constructor(ctx: AppContext) {
    this.#ctx = ctx
  }

  /**
   * The gauges in the exposition format of Prometheus.
   * @throws what the database says when it does not answer
   */
  async text(): Promise<string> {
    const now = this.#ctx.clock.now().getTime()
    if (now - this.#readAt > freshForMs) {
      this.#reading ??= this.#read(now).finally(() => {
        this.#reading = null
      })
      await this.#reading
    }
    return await this.registry.metrics()
  }

  async #read(now: number): Promise<void> {
    const at = new Date(now).toISOString()
    const [row] = await rawRows(
      this.#ctx.db.orm,
      sql`select
        (select coalesce(json_agg(n), '[]') from (select coalesce(driver, '') as driver,
          coalesce(provision_state, 'available') as state, maintenance::text as maintenance,
          count(*)::int as value from nodes group by 1, 2, 3) n) as nodes,
        (select coalesce(json_agg(t), '[]') from (select kind, state, count(*)::int as value
          from ferric_tasks group by 1, 2) t) as tasks,
        (select coalesce(json_agg(r), '[]') from (select host, count(*)::int as value
          from ferric_reservations group by 1) r) as reservations,
        (select count(*)::int from ferric_lock_waiters where until > ${at}::timestamptz) as waiters,
        (select coalesce(extract(epoch from ${at}::timestamptz - min(coalesce(not_before, created_at))), 0)
          from ferric_tasks where state = 'queued'
            and (not_before is null or not_before <= ${at}::timestamptz))::float8 as oldest`,
    )
    fill(this.#nodes, row?.['nodes'])
    fill(this.#tasks, row?.['tasks'])
    fill(this.#reservations, row?.['reservations'])
    this.#waiters.set(Number(row?.['waiters'] ?? 0))
    this.#oldest.set(Math.max(0, Number(row?.['oldest'] ?? 0)))
    this.#readAt = now
  }
}

/** Replaces all series of a gauge: what is gone must not stand there with its last figure. */
function fill<T extends string>(gauge: Gauge<T>, rows: unknown): void {
  gauge.reset()
  for (const { value, ...labels } of rows as ({ value: number } & Record<T, string>)[])
    gauge.set(labels as unknown as Record<T, string>, value)
}
