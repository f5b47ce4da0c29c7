/**
 * Calls of a ramdisk that were refused, as with a wrong token or deploy key: told in the timeline,
 * and why a wait for it was in vain.
 */
import { and, desc, eq, gte, sql } from 'drizzle-orm'
import { timeline } from '../../db/schema/index.js'
import { Invalid } from '../../errors.js'
import { flushTimeline, recordEvent, type TimelineContext } from '../../timeline.js'

/** A caller nobody knows may have chosen part of it. */
const longestReason = 300

/** Runs what a ramdisk's call asks for. @throws what the work throws, which is told when it is a refusal */
export async function tellingRefusal<T>(
  ctx: TimelineContext,
  nodeUuid: string,
  call: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Invalid) tellRefusal(ctx, nodeUuid, call, error.message)
    throw error
  }
}

/** Tells that a call was refused. Never throws. */
export function tellRefusal(
  ctx: TimelineContext,
  nodeUuid: string,
  call: string,
  reason: string,
): void {
  const refused = reason.slice(0, longestReason)
  const summary = `${call} of the ramdisk was refused: ${refused}`
  recordEvent(ctx, { nodeUuid, kind: 'agent-call', summary, fold: call, call, refused })
}

/** Why the last call since a time was refused: a sentence, or nothing when none was. */
export async function lastRefusal(
  ctx: TimelineContext,
  nodeId: number,
  since: Date,
): Promise<string> {
  await flushTimeline(ctx)
  const refused = sql<string | null>`${timeline.detail}->>'refused'`
  const [last] = await ctx.db.orm
    .select({ call: sql<string>`${timeline.detail}->>'call'`, refused })
    .from(timeline)
    .where(
      and(
        eq(timeline.nodeId, nodeId),
        eq(timeline.kind, 'agent-call'),
        gte(timeline.at, since),
        sql`${refused} is not null`,
      ),
    )
    .orderBy(desc(timeline.at), desc(timeline.id))
    .limit(1)
  if (last === undefined) return ''
  return `. Its last call, ${last.call}, was refused: ${last.refused}`
}
