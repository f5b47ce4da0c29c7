import { getTableColumns, sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow, NodeUpdate } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { databaseFault } from '../../errors.js'
import type { HistoryInsert } from './history.js'
import { fitTexts } from './writes.js'
import { Batcher } from '../../batcher.js'
import { service } from '../../services.js'
import { rawRows } from '../../db/raw-rows.js'

/**
 * What periodic work found out about a node that it did not reserve: written by compare-and-set,
 * the findings of many nodes in one statement.
 */
export interface Finding {
  /** The node as it was read. */
  readonly row: NodeRow
  readonly changes: NodeUpdate
  readonly history?: readonly HistoryInsert[]
  /** The changes replace whole documents, so nothing at all may have changed meanwhile. */
  readonly exact?: boolean
}

interface Waiting extends Finding {
  written: boolean
}

const mostAtOnce = 200

/** The database refuses the values of one finding, and the others may be stored. */
const mayBeOnes = (error: unknown): boolean => /^2[23]/.test(databaseFault(error)?.code ?? '')

const findings = service({
  name: 'writes of findings',
  create: (ctx: AppContext) => {
    const options = { most: mostAtOnce, mayBeOnes, gathers: true }
    return new Batcher<Waiting>((items) => writeAll(ctx, items), options)
  },
})

/**
 * Writes a finding unless the node is reserved, is being written, or went to another provision state,
 * power state or maintenance since it was read.
 * @returns whether it was written
 */
export async function writeIdle(ctx: AppContext, finding: Finding): Promise<boolean> {
  const waiting = { ...finding, written: false }
  await findings(ctx).add(waiting)
  return waiting.written
}

/** What findings may change; a column that is not among these is an error. */
const writable = [
  'powerState',
  'lastError',
  'maintenance',
  'maintenanceReason',
  'fault',
  'properties',
  'bootMode',
  'secureBoot',
  'health',
] as const satisfies readonly (keyof NodeRow)[]

const columns = getTableColumns(nodes)
const names = sql.raw(writable.map((key) => `"${columns[key].name}"`).join(', '))
const values = sql.raw(writable.map((key) => `r."${columns[key].name}"`).join(', '))

async function writeAll(ctx: AppContext, items: readonly Waiting[]): Promise<void> {
  const byId = new Map(items.map((item) => [item.row.id, item]))
  const sent = [...byId.values()].map((item) => sentOf(ctx, item))
  const done = await rawRows(
    ctx.db.orm,
    sql`with free as (
      select n.id, w.changes, w.history
      from json_to_recordset(${JSON.stringify(sent)}::json) as w(id int, changes json, history json,
          state text, power text, maintenance boolean, exact boolean, seen timestamptz)
        cross join lateral (select id from nodes n where n.id = w.id
          and n.reservation is not distinct from null and n.provision_state = w.state
          and n.power_state is not distinct from w.power
          and n.maintenance is not distinct from w.maintenance
          and (not w.exact
            or date_trunc('milliseconds', n.updated_at) is not distinct from w.seen)
          for no key update skip locked) n
    ), done as (
      update nodes set updated_at = ${ctx.clock.now().toISOString()}::timestamptz,
        (${names}) = (select ${values} from json_populate_record(nodes, free.changes) r)
      from free
      where nodes.id = any(${`{${[...byId.keys()].join(',')}}`}::int[]) and nodes.id = free.id
      returning nodes.id
    ), told as (
      insert into node_history (uuid, conductor, event_type, severity, event, "user", node_id, state,
        target_provision_state, duration_seconds, created_at)
      select h.uuid, h.conductor, h.event_type, h.severity, h.event, h."user", done.id, h.state,
        h.target_provision_state, h.duration_seconds, h.created_at
      from done join free on free.id = done.id, json_to_recordset(free.history) as h(uuid text,
        conductor text, event_type text, severity text, event text, "user" text, state text,
        target_provision_state text, duration_seconds int, created_at timestamptz)
    ) select id from done`,
  )
  for (const { id } of done) byId.get(Number(id))!.written = true
}

function sentOf(ctx: AppContext, { row, changes, history = [], exact = false }: Waiting) {
  return {
    id: row.id,
    changes: byColumn(fitTexts(ctx, changes)),
    history,
    state: row.provisionState,
    power: row.powerState,
    maintenance: row.maintenance,
    exact,
    seen: row.updatedAt?.toISOString() ?? null,
  }
}

function byColumn(changes: NodeUpdate): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(changes).map(([key, value]) => {
      const known = writable.find((name) => name === key)
      if (known === undefined) throw new TypeError(`a finding cannot change ${key}`)
      return [columns[known].name, value]
    }),
  )
}
