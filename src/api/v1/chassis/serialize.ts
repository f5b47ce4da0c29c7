import type { ChassisRow } from '../../../db/rows.js'
import { links } from '../../links.js'
import type { ApiRequest } from '../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../serialize.js'

interface Env {
  readonly baseUrl: string
}

const makers: FieldMakers<ChassisRow, Env> = {
  uuid: (c) => c.uuid,
  created_at: (c) => isoTime(c.createdAt),
  updated_at: (c) => isoTime(c.updatedAt),
  description: (c) => c.description,
  extra: (c) => c.extra ?? {},
  links: (c, { baseUrl }) => links(baseUrl, `chassis/${c.uuid}`),
  // A list inside a list: upstream's form, which clients have learned.
  nodes: (c, { baseUrl }) => [links(baseUrl, `chassis/${c.uuid}/nodes`)],
}

/** The serializer of one answer. */
export function chassisSerializer<O>(
  request: ApiRequest<O>,
  selection: Selection = {},
): (row: ChassisRow) => Record<string, unknown> {
  const names = selectFields(request.contract, 'Chassis', request.minor, selection)
  return serializer(makers, names, { baseUrl: request.baseUrl })
}
