/** `/healthz`, `/readyz` and `/metrics`: for supervisors, not part of Ironic's API. */
import { sql } from 'drizzle-orm'
import type { Context, Hono } from 'hono'
import type { AppContext } from '../context.js'
import { metricsPage, registry } from '../metrics.js'
import type { Authenticate } from './auth/authenticator.js'
import { AuthRefused } from './auth/refused.js'
import { addressOf, type Wire } from './client.js'
import { FleetMetrics } from './fleet-metrics.js'

/** A database that takes longer is not ready. */
const readyWithinMs = 2_000

/**
 * Mounts the three pages. They name nothing but states and counts, so nobody has to log in; what
 * tells machines apart at `/metrics` is for those who may list all nodes.
 * @param authenticate null where whoever reaches the pages may read everything
 */
export function mountHealth(app: Hono, ctx: AppContext, authenticate: Authenticate | null): void {
  const fleet = new FleetMetrics(ctx)
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const problem = await databaseProblem(ctx)
    return problem === null
      ? c.json({ status: 'ready' })
      : c.json({ status: 'not ready', database: problem }, 503)
  })
  app.get('/metrics', async (c) => {
    const whole = authenticate === null || (await seesMachines(authenticate, c))
    const text = await metricsText(ctx, fleet, whole)
    return c.body(text, 200, { 'Content-Type': registry.contentType })
  })
}

async function seesMachines(authenticate: Authenticate, c: Context): Promise<boolean> {
  const address = addressOf(c.env as Wire | undefined)
  try {
    return (await authenticate(c.req.raw, '/metrics', address)).can('baremetal:node:list_all')
  } catch (e) {
    if (e instanceof AuthRefused) return false
    throw e
  }
}

/** What this process counts is told even when the database, which knows the fleet, is away. */
async function metricsText(ctx: AppContext, fleet: FleetMetrics, whole: boolean): Promise<string> {
  const own = await metricsPage(whole)
  try {
    return `${own}\n${await fleet.text()}`
  } catch (error) {
    ctx.log.api.error({ error }, 'the metrics of the fleet cannot be read')
    return own
  }
}

async function databaseProblem(ctx: AppContext): Promise<string | null> {
  const giveUp = new AbortController()
  const late = ctx.clock.sleep(readyWithinMs, giveUp.signal).then(
    () => 'no answer in time',
    () => null,
  )
  const answer = troubleOf(ctx).catch((error: unknown) => {
    ctx.log.api.error({ error }, 'the database does not answer')
    return 'unreachable'
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    giveUp.abort()
  }
}

async function troubleOf({ db }: AppContext): Promise<string | null> {
  await db.orm.execute(sql`select 1`)
  return (await db.trouble?.()) ?? null
}
