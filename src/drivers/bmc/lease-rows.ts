import { sql } from 'drizzle-orm'
import type { ProcessContext } from '../../process-context.js'
import { rawRows } from '../../db/raw-rows.js'

/**
 * The rows of `ferric_bmc_leases`. All times are the database's own, so that the clocks of the
 * hosts need not agree; what comes back are spans.
 */

type Ctx = Pick<ProcessContext, 'db' | 'processId'>

export const leaseChannel = 'ferric_bmc'
/** How long it is kept for a process that was let in and does not come. */
const offerMs = 3_000

const span = (ms: number) => sql`make_interval(secs => ${ms / 1000}::float8)`
const msOf = (interval: ReturnType<typeof sql>) =>
  sql`(extract(epoch from ${interval}) * 1000)::float8`

/** What one process tells another. */
export interface LeaseNotice {
  /** The process it is for: the one that has the lease, or now gets it. */
  readonly to: string
  readonly bmc: string
}

export interface Taken {
  /** Milliseconds since another process can have sent its last command; null: none did. */
  readonly rested: number | null
  /** Another process has asked for it. */
  readonly wanted: boolean
}

/**
 * Takes or renews leases: those that no other process has.
 * @param ms how long they last, in milliseconds
 * @returns what was taken, by BMC
 */
export async function takeLeases(
  { db, processId }: Ctx,
  bmcs: readonly string[],
  ms: number,
): Promise<Map<string, Taken>> {
  // In one order everywhere, so that two processes cannot wait for each other's rows.
  const wanted = JSON.stringify([...new Set(bmcs)].toSorted())
  const rows = await rawRows<Taken & { bmc: string }>(
    db.orm,
    sql`
      insert into ferric_bmc_leases as l (bmc, process_id, until)
      select bmc, ${processId}::uuid, clock_timestamp() + ${span(ms)}
      from json_array_elements_text(${wanted}::json) with ordinality as w (bmc, n) order by n
      on conflict (bmc) do update set
        last_end = case when l.process_id = excluded.process_id then l.last_end
          else greatest(l.last_end, l.until) end,
        process_id = excluded.process_id,
        until = excluded.until,
        wanted_by = nullif(l.wanted_by, excluded.process_id)
      where l.process_id = excluded.process_id or l.until <= clock_timestamp()
      returning l.bmc, ${msOf(sql`clock_timestamp() - last_end`)} as rested,
        wanted_by is not null as wanted`,
  )
  return new Map(rows.map(({ bmc, ...taken }) => [bmc, taken]))
}

/** Asks the process that has the lease to let this one in. @returns milliseconds until it runs out */
export async function askForLease({ db, processId }: Ctx, bmc: string): Promise<number> {
  const rows = await rawRows<{ left: number }>(
    db.orm,
    sql`
      with asked as (
        update ferric_bmc_leases set wanted_by = coalesce(wanted_by, ${processId}::uuid)
        where bmc = ${bmc} and process_id <> ${processId}::uuid
        returning process_id, bmc, until)
      select ${msOf(sql`until - clock_timestamp()`)} as left,
        pg_notify(${leaseChannel}, json_build_object('to', process_id, 'bmc', bmc)::text)::text as told
      from asked`,
  )
  return rows[0]?.left ?? 0
}

/**
 * Gives the lease to the process that asked for it, or to nobody.
 * @param rested milliseconds since the last command of this process; null: it sent none
 */
export async function giveLease(
  { db, processId }: Ctx,
  bmc: string,
  rested: number | null,
): Promise<void> {
  const ended = rested === null ? sql`null` : sql`clock_timestamp() - ${span(rested)}`
  await db.orm.execute(sql`
    with given as (
      update ferric_bmc_leases l set
        last_end = greatest(l.last_end, ${ended}),
        process_id = coalesce(l.wanted_by, l.process_id),
        until = case when l.wanted_by is null
          then coalesce(greatest(l.last_end, ${ended}), '-infinity')
          else clock_timestamp() + ${span(offerMs)} end,
        wanted_by = null
      where l.bmc = ${bmc} and l.process_id = ${processId}::uuid
      returning l.process_id, l.bmc)
    select pg_notify(${leaseChannel}, json_build_object('to', process_id, 'bmc', bmc)::text)::text
    from given where process_id <> ${processId}::uuid`)
}

/** Gives back all leases of this process: it is shutting down. */
export async function giveAllLeases({ db, processId }: Ctx): Promise<void> {
  await db.orm.execute(sql`
    with mine as (
      select bmc from ferric_bmc_leases
      where process_id = ${processId}::uuid and until > clock_timestamp()
      order by bmc for update)
    update ferric_bmc_leases l set until = clock_timestamp() from mine where l.bmc = mine.bmc`)
}

/** Forgets BMCs that nobody has spoken to for long. */
export async function forgetLeases({ db }: Pick<ProcessContext, 'db'>): Promise<void> {
  await db.orm.execute(sql`
    with old as (
      select bmc from ferric_bmc_leases where until < clock_timestamp() - interval '1 day'
      order by bmc for update skip locked)
    delete from ferric_bmc_leases l using old where l.bmc = old.bmc`)
}
