import type { FirmwareComponentRow } from '../../../../db/rows.js'
import type { ApiRequest } from '../../../request.js'
import { isoTime, selectFields, serializer, type FieldMakers } from '../../../serialize.js'

const makers: FieldMakers<FirmwareComponentRow, null> = {
  created_at: (c) => isoTime(c.createdAt),
  updated_at: (c) => isoTime(c.updatedAt),
  component: (c) => c.component,
  initial_version: (c) => c.initialVersion,
  current_version: (c) => c.currentVersion,
  last_version_flashed: (c) => c.lastVersionFlashed,
  vendor: (c) => c.vendor,
  model: (c) => c.model,
  serial_number: (c) => c.serialNumber,
}

/** The serializer of one answer; times are in it whatever fields are asked for. */
export function firmwareSerializer<O>(
  request: ApiRequest<O>,
  fields: readonly string[] | undefined,
): (row: FirmwareComponentRow) => Record<string, unknown> {
  const asked = fields === undefined ? undefined : [...fields, 'created_at', 'updated_at']
  const names = selectFields(request.contract, 'FirmwareComponent', request.minor, {
    fields: asked,
  })
  return serializer(makers, names, null)
}
