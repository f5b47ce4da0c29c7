import { sql } from 'drizzle-orm'
import { background } from './background.js'
import type { ProcessContext } from './process-context.js'
import type { JsonObject } from './db/columns.js'
import { withoutWorkIds } from './log/ids.js'
import { maskSecrets, maskUrls } from './mask.js'
import { timelineLost } from './metrics.js'
import { service } from './services.js'

/**
 * The feed of everything that happens to a node, read under `/ferric/v1/nodes/{id}/timeline`.
 * Whatever part of Ferric sees something happen says so here; the entries gather in memory and
 * reach the database a few times a second. A process that is killed loses the last of them: the
 * feed tells what happened, nothing is decided by it.
 */

export type TimelineKind =
  | 'state'
  | 'step'
  | 'attempt'
  | 'agent-call'
  | 'power'
  | 'heartbeat'
  | 'lock'
  | 'boot'
  | 'bmc'
  | 'error'

/** An entry. Members beside the named ones are its detail; secrets among them are covered. */
export interface TimelineEvent {
  readonly nodeUuid: string
  readonly kind: TimelineKind
  /** One line for people. */
  readonly summary?: string
  /** What comes often: entries of a node with the same kind and fold within a minute are one. */
  readonly fold?: string
  readonly [detail: string]: unknown
}

export type TimelineContext = Pick<
  ProcessContext,
  'config' | 'clock' | 'db' | 'host' | 'log' | 'services'
>

interface Entry {
  readonly node_uuid: string
  readonly at: string
  readonly kind: string
  readonly summary: string
  readonly detail: JsonObject
  readonly host: string
}

const flushAfterMs = 200
const retryAfterMs = 2_000
/** What is kept while the database is away; the oldest go first. */
const mostWaiting = 20_000
const mostPerStatement = 1_000
const foldMs = 60_000
const mostFolds = 50_000
const longestText = 4_096

/** What one process has not written yet. */
interface Feed {
  waiting: Entry[]
  timer: NodeJS.Timeout | null
  writing: Promise<void>
  readonly folds: Map<string, number>
}

/** Services that record events while they close read this in their `create`. */
export const timelineFeed = service({
  name: 'timeline',
  create: (_ctx: TimelineContext): Feed => ({
    waiting: [],
    timer: null,
    writing: Promise.resolve(),
    folds: new Map(),
  }),
  close: async (feed, ctx) => {
    await flushFeed(ctx, feed)
    if (feed.timer !== null) clearTimeout(feed.timer)
  },
})

/**
 * Adds an entry to a node's timeline: cheap, without a lock or a wait, and never throws. Entries
 * of nodes that are not in the database go nowhere.
 */
export function recordEvent(ctx: TimelineContext, event: TimelineEvent): void {
  if (!ctx.config.ferric.timeline) return
  try {
    add(ctx, event, ctx.clock.now())
  } catch (error) {
    ctx.log.db.warn({ error, node: event.nodeUuid }, 'an entry of the timeline could not be made')
  }
}

/** The same for what happened earlier, as when it is only told once it is stored. */
export function recordEventAt(ctx: TimelineContext, event: TimelineEvent, at: Date): void {
  if (ctx.config.ferric.timeline) add(ctx, event, at)
}

function add(ctx: TimelineContext, event: TimelineEvent, at: Date): void {
  const { nodeUuid, kind, summary = '', fold, ...detail } = event
  const feed = timelineFeed(ctx)
  if (fold !== undefined && isFolded(feed, `${nodeUuid} ${kind} ${fold}`, at.getTime())) return
  feed.waiting.push({
    node_uuid: nodeUuid,
    at: at.toISOString(),
    kind,
    summary: shortened(maskUrls(summary)),
    detail: shortDetail(detail),
    host: ctx.host,
  })
  if (feed.waiting.length > mostWaiting) {
    timelineLost.inc(feed.waiting.splice(0, feed.waiting.length - mostWaiting).length)
  }
  schedule(ctx, feed, flushAfterMs)
}

function isFolded(feed: Feed, key: string, now: number): boolean {
  const last = feed.folds.get(key)
  if (last !== undefined && now - last < foldMs && now >= last) return true
  feed.folds.delete(key)
  feed.folds.set(key, now)
  if (feed.folds.size > mostFolds) feed.folds.delete(feed.folds.keys().next().value ?? '')
  return false
}

/** In order and covered; a document that is too long keeps only its text, cut. */
function shortDetail(detail: JsonObject): JsonObject {
  const masked = maskSecrets(detail)
  const text = JSON.stringify(masked)
  return text.length <= 2 * longestText ? masked : { cut: shortened(text) }
}

const shortened = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)} ...`

/** A timer of its own, not the clock's: nothing that is measured or decided hangs on it. */
function schedule(ctx: TimelineContext, feed: Feed, ms: number): void {
  feed.timer ??= withoutWorkIds(() =>
    setTimeout(() => {
      feed.timer = null
      background(ctx.log.db, 'write the timeline', flushTimeline(ctx))
    }, ms).unref(),
  )
}

/** Writes what waits. Resolves when it is written or, with a line in the log, could not be. */
export async function flushTimeline(ctx: TimelineContext): Promise<void> {
  await flushFeed(ctx, timelineFeed(ctx))
}

async function flushFeed(ctx: TimelineContext, feed: Feed): Promise<void> {
  feed.writing = feed.writing.then(() => writeAll(ctx, feed))
  await feed.writing
}

async function writeAll(ctx: TimelineContext, feed: Feed): Promise<void> {
  while (feed.waiting.length > 0) {
    const batch = feed.waiting.splice(0, mostPerStatement)
    try {
      await insert(ctx, batch)
    } catch (error) {
      feed.waiting.unshift(...batch)
      ctx.log.db.warn({ error, entries: feed.waiting.length }, 'the timeline could not be written')
      return schedule(ctx, feed, retryAfterMs)
    }
  }
}

/** In the order they came: ids rise within a batch, whatever the join does. */
async function insert(ctx: TimelineContext, batch: readonly Entry[]): Promise<void> {
  await ctx.db.orm.execute(
    sql`insert into ferric_timeline (node_id, at, kind, summary, detail, host)
      select e.id, e.at, e.kind, e.summary, e.detail, e.host
      from (select (select n.id from nodes n where n.uuid = r.node_uuid) as id, r.*
        from rows from (json_to_recordset(${storable(batch)}::json) as (node_uuid text,
            at timestamptz, kind text, summary text, detail json, host text))
          with ordinality as r(node_uuid, at, kind, summary, detail, host, place)) e
      where e.id is not null order by e.place`,
  )
}

/** PostgreSQL refuses what JSON allows: NUL, and halves of surrogate pairs (only those are escaped). */
const storable = (batch: readonly Entry[]): string =>
  JSON.stringify(batch).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f]..)/gi, '$1\\ufffd')
