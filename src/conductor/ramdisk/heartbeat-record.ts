import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { databaseFault } from '../../errors.js'
import { Batcher } from '../../batcher.js'
import { service } from '../../services.js'
import { fromJson, rawRows } from '../../db/raw-rows.js'

/**
 * Reading and recording for heartbeats, which come in thousands: those of many nodes share a
 * statement, and each is answered once its own is committed.
 */

/** What one statement carries at most: a batch that is long holds up those behind it. */
const mostAtOnce = 200

interface Reading {
  readonly uuid: string
  row: NodeRow | null
}

interface Recording {
  /** As it was read. */
  readonly row: NodeRow
  /** All of `driver_internal_info`. */
  readonly info: JsonObject
  /** The node waits for its ramdisk: the wait begins anew. */
  readonly touched: boolean
}

const options = { most: mostAtOnce, gathers: true }

const reads = service({
  name: 'reads for heartbeats',
  create: (ctx: AppContext) => new Batcher<Reading>((items) => readAll(ctx, items), options),
})

const records = service({
  name: 'records of heartbeats',
  create: (ctx: AppContext) =>
    new Batcher<Recording>((items) => recordAll(ctx, items), { ...options, mayBeOnes: isData }),
})

/** The database refuses the values of one heartbeat, and the others of the statement may be stored. */
const isData = (error: unknown): boolean => /^2[23]/.test(databaseFault(error)?.code ?? '')

/** A node by its UUID, as it is written in the database; null when there is none. */
export async function readSoon(ctx: AppContext, uuid: string): Promise<NodeRow | null> {
  const reading: Reading = { uuid, row: null }
  await reads(ctx).add(reading)
  return reading.row
}

async function readAll(ctx: AppContext, items: readonly Reading[]): Promise<void> {
  const uuids = JSON.stringify([...new Set(items.map((item) => item.uuid))])
  const found = await rawRows(
    ctx.db.orm,
    sql`select u.uuid, (select row_to_json(n) from nodes n where n.uuid = u.uuid) as row
      from json_array_elements_text(${uuids}::json) as u(uuid)`,
  )
  const rows = new Map(found.map((raw) => [raw['uuid'], raw['row']]))
  for (const item of items) {
    const row = rows.get(item.uuid) ?? null
    item.row = row === null ? null : fromJson(nodes, row)
  }
}

/**
 * Records a heartbeat unless somebody works on the node or has changed it since it was read: then
 * the next one will do.
 */
export async function recordSoon(ctx: AppContext, recording: Recording): Promise<void> {
  await records(ctx).add(recording)
}

/**
 * Rows somebody is writing are left out, as those that were written since: nobody waits for another
 * process's batch. Times are compared to milliseconds, since that is what a row that was read knows.
 */
async function recordAll(ctx: AppContext, items: readonly Recording[]): Promise<void> {
  const last = new Map(items.map((item) => [item.row.id, item]))
  const now = ctx.clock.now().toISOString()
  await ctx.db.orm.execute(
    sql`with free as (
      select n.id, b.info, b.touched
      from json_to_recordset(${JSON.stringify([...last.values()].map(valuesOf))}::json)
          as b(id int, info text, touched boolean, state text, seen timestamptz)
        cross join lateral (select id from nodes n where n.id = b.id
          and n.reservation is not distinct from null and n.provision_state = b.state
          and date_trunc('milliseconds', n.updated_at) is not distinct from b.seen
          for no key update skip locked) n
    )
    update nodes set driver_internal_info = free.info::json, updated_at = ${now}::timestamptz,
      provision_updated_at = case when free.touched then ${now}::timestamptz
        else provision_updated_at end
    from free
    where nodes.id = any(${`{${[...last.keys()].join(',')}}`}::int[]) and nodes.id = free.id`,
  )
}

/** The document as text inside the JSON: so a NUL in it, which JSON can say, is not unpacked. */
const valuesOf = ({ row, info, touched }: Recording) => ({
  id: row.id,
  info: JSON.stringify(info),
  touched,
  state: row.provisionState,
  seen: row.updatedAt?.toISOString() ?? null,
})
