import { isObject } from '../../validation/json-schema.js'
import { covers } from '../../contract/versions.js'
import { links } from '../../links.js'
import type { ApiRequest } from '../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../serialize.js'
import type { PortView } from './queries.js'

interface Env {
  readonly baseUrl: string
  /** Members of `local_link_connection` that would give it away at this version. */
  readonly hiddenLinks: readonly string[]
}

const makers: FieldMakers<PortView, Env> = {
  uuid: (p) => p.uuid,
  created_at: (p) => isoTime(p.createdAt),
  updated_at: (p) => isoTime(p.updatedAt),
  address: (p) => p.address,
  extra: (p) => p.extra ?? {},
  internal_info: (p) => p.internalInfo ?? {},
  is_smartnic: (p) => p.isSmartnic,
  local_link_connection: (p, { hiddenLinks }) => shownLink(p.localLinkConnection, hiddenLinks),
  physical_network: (p) => p.physicalNetwork,
  pxe_enabled: (p) => p.pxeEnabled,
  node_uuid: (p) => p.nodeUuid,
  name: (p) => p.name,
  description: (p) => p.description,
  vendor: (p) => p.vendor,
  category: (p) => p.category,
  available_for_dynamic_portgroup: (p) => p.availableForDynamicPortgroup,
  links: (p, { baseUrl }) => links(baseUrl, `ports/${p.uuid}`),
  portgroup_uuid: (p) => p.portgroupUuid,
}

function shownLink(link: PortView['localLinkConnection'], hidden: readonly string[]): unknown {
  if (!isObject(link)) return {}
  return hidden.some((name) => Object.hasOwn(link, name)) ? {} : link
}

/** The serializer of one answer. */
export function portSerializer<O>(
  request: ApiRequest<O>,
  selection: Selection = {},
): (row: PortView) => Record<string, unknown> {
  const { contract, minor, baseUrl } = request
  const names = selectFields(contract, 'Port', minor, selection)
  const ended = contract.fields('LocalLink').filter((f) => f.name.startsWith('vtep-'))
  const hiddenLinks = ended.filter((f) => !covers(f, minor)).map((f) => f.name)
  return serializer(makers, names, { baseUrl, hiddenLinks })
}
