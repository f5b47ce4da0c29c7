import { MAX_MINOR } from '../../contract/types.js'
import { links } from '../../links.js'
import type { ApiRequest } from '../../request.js'
import {
  isoTime,
  selectFields,
  serializer,
  type FieldMakers,
  type Selection,
} from '../../serialize.js'
import type { PortgroupView } from './queries.js'

interface Env {
  readonly baseUrl: string
}

const makers: FieldMakers<PortgroupView, Env> = {
  uuid: (g) => g.uuid,
  created_at: (g) => isoTime(g.createdAt),
  updated_at: (g) => isoTime(g.updatedAt),
  address: (g) => g.address,
  extra: (g) => g.extra ?? {},
  internal_info: (g) => g.internalInfo ?? {},
  mode: (g) => g.mode,
  name: (g) => g.name,
  properties: (g) => g.properties ?? {},
  standalone_ports_supported: (g) => g.standalonePortsSupported,
  node_uuid: (g) => g.nodeUuid,
  physical_network: (g) => g.physicalNetwork,
  category: (g) => g.category,
  dynamic_portgroup: (g) => g.dynamicPortgroup ?? false,
  links: (g, { baseUrl }) => links(baseUrl, `portgroups/${g.uuid}`),
  ports: (g, { baseUrl }) => links(baseUrl, `portgroups/${g.uuid}/ports`),
}

/** The serializer of a single object. */
export function portgroupSerializer<O>(
  request: ApiRequest<O>,
  selection: Selection = {},
): (row: PortgroupView) => Record<string, unknown> {
  const names = selectFields(request.contract, 'Portgroup', request.minor, selection)
  return serializer(makers, names, { baseUrl: request.baseUrl })
}

/** The serializer of a list, which hides nothing of what it is asked for in any version. */
export function portgroupListSerializer<O>(
  request: ApiRequest<O>,
  selection: Selection,
): (row: PortgroupView) => Record<string, unknown> {
  const names = selectFields(request.contract, 'Portgroup', MAX_MINOR, selection)
  return serializer(makers, names, { baseUrl: request.baseUrl })
}
