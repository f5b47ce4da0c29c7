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

const maxBytes = 65535
const cut = ' ... [truncated] ... '

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

/** Long texts lose their middle. */
function fit(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  const half = Math.floor((maxBytes - cut.length) / 2)
  return bytes.subarray(0, half).toString() + cut + bytes.subarray(-half).toString()
}
