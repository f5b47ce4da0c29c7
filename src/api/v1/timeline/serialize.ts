import type { TimelineRow } from '../../../db/rows.js'
import type { ApiRequest } from '../../request.js'
import { selectFields, serializer, type FieldMakers } from '../../serialize.js'

const makers: FieldMakers<TimelineRow, null> = {
  id: (e) => e.id,
  at: (e) => e.at.toISOString(),
  kind: (e) => e.kind,
  summary: (e) => e.summary,
  detail: (e) => e.detail,
  host: (e) => e.host,
}

/** The serializer of one answer. */
export function entrySerializer<O>(
  request: ApiRequest<O>,
): (row: TimelineRow) => Record<string, unknown> {
  const names = selectFields(request.contract, 'TimelineEntry', request.minor, { short: false })
  return serializer(makers, names, null)
}
