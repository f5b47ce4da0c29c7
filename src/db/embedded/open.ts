import { sql } from 'drizzle-orm'
import { systemClock } from '../../clock.js'
import { DatabaseUnavailable, fromUnknown } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import { openPostgres } from '../postgres.js'
import { rawRows } from '../raw-rows.js'
import type { Database } from '../types.js'
import { joinServer } from './server.js'

export interface EmbeddedHome {
  readonly directory: string
  /** `[ferric] postgres_user`. */
  readonly user: string
  /** Most connections of this process. */
  readonly max: number
}

const openTimeoutMs = 60_000
const openRetryMs = 100

/**
 * Opens the embedded database, and starts its server when no other process of Ferric has.
 * @throws Error when the server cannot be started
 */
export async function openEmbedded(home: EmbeddedHome, log: Logger): Promise<Database> {
  const { directory, user, max } = home
  const server = await joinServer({ home: directory, user, clock: systemClock, log })
  let database: Database
  try {
    database = await openPatiently(server.url, max, log)
  } catch (error) {
    await server.close(false)
    throw error
  }
  const close = once(async () => {
    const last = await isLastUser(database).catch(() => false)
    await database.close()
    await server.close(last)
  })
  return {
    ...database,
    description: `embedded in ${directory}`,
    trouble: () => server.trouble(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A server whose last user has just left may still be stopping; it is started again within a second or two. */
async function openPatiently(url: URL, max: number, log: Logger): Promise<Database> {
  const deadline = systemClock.now().getTime() + openTimeoutMs
  for (;;) {
    try {
      return await openPostgres(url, max, log)
    } catch (error) {
      const away = fromUnknown(error) instanceof DatabaseUnavailable
      if (!away || systemClock.now().getTime() > deadline) throw error
    }
    await systemClock.sleep(openRetryMs)
  }
}

/** Each open database has its own name for its connections (postgres.ts). */
async function isLastUser({ orm }: Database): Promise<boolean> {
  const [row] = await rawRows<{ users: number }>(
    orm,
    sql`select count(distinct application_name)::int as users
      from pg_stat_activity where application_name like 'ferric %'`,
  )
  return row?.users === 1
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
