import { randomUUID } from 'node:crypto'
import { maskUrls } from '../../mask.js'
import type { AppContext } from '../../context.js'
import type { MutableNode } from '../../drivers/interfaces.js'
import type { Caller } from '../work/caller.js'

export type Severity = 'ERROR' | 'INFO'

export interface HistoryEvent {
  readonly event: string
  readonly severity: Severity
  readonly eventType?: string
}

/** What MySQL's TEXT column holds, so that a history can move between the two databases. */
const maxBytes = 65535
const truncationMark = ' ... [truncated] ... '

/** A row of `node_history` under its column names (docs/reference/conductor.md 1.4). */
export function historyRow(ctx: AppContext, caller: Caller, node: MutableNode, e: HistoryEvent) {
  const now = ctx.clock.now()
  const since = node.provisionUpdatedAt
  return {
    uuid: randomUUID(),
    conductor: ctx.host,
    event_type: e.eventType ?? 'UNKNOWN',
    severity: e.severity,
    event: fit(maskUrls(e.event)),
    user: caller.userId,
    state: node.provisionState,
    target_provision_state: node.targetProvisionState,
    duration_seconds: since === null ? null : Math.floor((now.getTime() - since.getTime()) / 1000),
    created_at: now.toISOString(),
  }
}
export type HistoryInsert = ReturnType<typeof historyRow>

/**
 * A text of at most 65,535 bytes of UTF-8. A longer one loses its middle, and no character is cut
 * (upstream `db/sqlalchemy/models.py`, `_truncate_event`).
 */
export function fit(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  const space = maxBytes - truncationMark.length
  const head = Math.floor(space / 2)
  const headEnd = characterStart(bytes, head, -1)
  const tailStart = characterStart(bytes, bytes.length - (space - head), 1)
  return bytes.toString('utf8', 0, headEnd) + truncationMark + bytes.toString('utf8', tailStart)
}

/** The first byte at or beside `at`, in the direction `step`, that starts a character. */
function characterStart(bytes: Buffer, at: number, step: 1 | -1): number {
  let start = at
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += step
  return start
}
