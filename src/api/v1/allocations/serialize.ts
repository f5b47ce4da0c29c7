import type { AllocationRow } from '../../../db/rows.js'
import { refuseUnknownFields } from '../../fields.js'
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
type Shown = AllocationRow & { readonly nodeUuid: string | null }

const makers: FieldMakers<Shown, Env> = {
  uuid: (a) => a.uuid,
  created_at: (a) => isoTime(a.createdAt),
  updated_at: (a) => isoTime(a.updatedAt),
  candidate_nodes: (a) => a.candidateNodes ?? [],
  extra: (a) => a.extra ?? {},
  last_error: (a) => a.lastError,
  name: (a) => a.name,
  owner: (a) => a.owner,
  resource_class: (a) => a.resourceClass,
  state: (a) => a.state,
  traits: (a) => a.traits ?? [],
  links: (a, { baseUrl }) => links(baseUrl, `allocations/${a.uuid}`),
  node_uuid: (a) => a.nodeUuid,
}

/** The serializer of one answer. @throws Invalid 400 on fields that do not exist */
export function allocationSerializer<O>(
  { contract, minor, baseUrl }: ApiRequest<O>,
  selection: Selection = {},
): (row: Shown) => Record<string, unknown> {
  refuseUnknownFields(contract, 'Allocation', selection.fields, minor)
  return serializer(makers, selectFields(contract, 'Allocation', minor, selection), { baseUrl })
}
