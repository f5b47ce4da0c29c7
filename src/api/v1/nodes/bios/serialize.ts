import type { BiosSettingRow } from '../../../../db/rows.js'
import { links } from '../../../links.js'
import type { ApiRequest } from '../../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../../serialize.js'

interface Env {
  readonly baseUrl: string
  /** How the node is called in links. */
  readonly node: string
}

const makers: FieldMakers<BiosSettingRow, Env> = {
  created_at: (s) => isoTime(s.createdAt),
  updated_at: (s) => isoTime(s.updatedAt),
  name: (s) => s.name,
  value: (s) => s.value,
  attribute_type: (s) => s.attributeType,
  allowable_values: (s) => s.allowableValues ?? [],
  lower_bound: (s) => s.lowerBound,
  max_length: (s) => s.maxLength,
  min_length: (s) => s.minLength,
  read_only: (s) => s.readOnly,
  reset_required: (s) => s.resetRequired,
  unique: (s) => s.unique,
  upper_bound: (s) => s.upperBound,
  links: (s, { baseUrl, node }) => links(baseUrl, `nodes/${node}/bios/${s.name}`),
}

/** The serializer of one answer; times are in it whatever fields are asked for. */
export function biosSerializer<O>(
  request: ApiRequest<O>,
  node: string,
  { fields, short }: Selection,
): (row: BiosSettingRow) => Record<string, unknown> {
  const selection = {
    ...(short === undefined ? {} : { short }),
    fields: fields === undefined ? undefined : [...fields, 'created_at', 'updated_at'],
  }
  const names = selectFields(request.contract, 'BiosSetting', request.minor, selection)
  return serializer(makers, names, { baseUrl: request.baseUrl, node })
}
