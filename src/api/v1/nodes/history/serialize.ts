import type { NodeHistoryRow } from '../../../../db/rows.js'
import type { ApiRequest } from '../../../request.js'
import { isoTime, selectFields, serializer, type FieldMakers } from '../../../serialize.js'

interface Env {
  readonly baseUrl: string
  readonly node: string
  readonly short: boolean
}

const makers: FieldMakers<NodeHistoryRow, Env> = {
  uuid: (e) => e.uuid,
  created_at: (e) => isoTime(e.createdAt),
  severity: (e) => e.severity,
  event_type: (e) => e.eventType,
  event: (e, { short }) => (short ? shortened(e.event) : e.event),
  conductor: (e) => e.conductor,
  user: (e) => e.user,
  project: (e) => e.project,
  state: (e) => e.state,
  target_provision_state: (e) => e.targetProvisionState,
  duration_seconds: (e) => e.durationSeconds,
  links: (e, { baseUrl, node }) => [
    { href: `${baseUrl}/v1/nodes/${node}/history/${e.uuid}`, rel: 'self' },
  ],
}

function shortened(event: string | null): string | null {
  const points = Array.from(event ?? '')
  return points.length > 255 ? `${points.slice(0, 251).join('')}...` : event
}

/** The serializer of one answer. @param short the list form, with events cut */
export function historySerializer<O>(
  request: ApiRequest<O>,
  node: string,
  short: boolean,
): (row: NodeHistoryRow) => Record<string, unknown> {
  const names = selectFields(request.contract, 'HistoryEvent', request.minor, { short })
  return serializer(makers, names, { baseUrl: request.baseUrl, node, short })
}
