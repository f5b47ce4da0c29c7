/** From what clients write about a port to what is stored, and the checks on the way. */
import type { JsonObject } from '../../../db/columns.js'
import type { PortgroupRow, PortRow } from '../../../db/rows.js'
import { Invalid } from '../../../errors.js'
import { convert } from '../../args/convert.js'
import type { Contract } from '../../contract/load.js'
import { gateFields } from '../../fields.js'
import { isMacAddress } from '../../../identifiers.js'
import { classicError, isObject } from '../../validation/json-schema.js'

/** A document that satisfies the schema `PortCreate`, with its values read. */
export interface PortDocument {
  readonly address: string
  readonly extra?: JsonObject | null
  readonly is_smartnic?: boolean | null
  readonly local_link_connection?: JsonObject | null
  readonly node_ident?: string
  readonly node_uuid?: string
  readonly physical_network?: string | null
  readonly portgroup_uuid?: string | null
  readonly pxe_enabled?: boolean | null
  readonly uuid?: string | null
  readonly name?: string | null
  readonly description?: string | null
  readonly vendor?: string | null
  readonly category?: string | null
  readonly available_for_dynamic_portgroup?: boolean
}

/**
 * Reads the members of a document that the schema only sketches, in upstream's order.
 * @throws Invalid 400
 */
export function readPort(
  contract: Contract,
  document: Readonly<Record<string, unknown>>,
): PortDocument {
  const out = { ...document }
  const read = (name: string, kind: 'mac_address' | 'uuid' | 'boolean') => {
    if (Object.hasOwn(out, name)) out[name] = convert(kind, name, out[name]) ?? null
  }
  read('address', 'mac_address')
  read('node_uuid', 'uuid')
  read('is_smartnic', 'boolean')
  out['local_link_connection'] = readLink(contract, out['local_link_connection'])
  read('portgroup_uuid', 'uuid')
  read('pxe_enabled', 'boolean')
  read('uuid', 'uuid')
  read('available_for_dynamic_portgroup', 'boolean')
  return out as unknown as PortDocument
}

function readLink(contract: Contract, link: unknown): unknown {
  if (!isObject(link)) return link
  const fault = classicError(link, contract.schema('LocalLinkConnection'))
  if (fault !== null) throw new Invalid(`Schema error for local_link_connection: ${fault}`)
  const id = link['switch_id']
  if (typeof id !== 'string') return link
  if (!isMacAddress(id) && !/^[0-9a-f]{16}$/i.test(id)) {
    throw new Invalid(`Expected a MAC address or OpenFlow datapath ID but received ${id}.`)
  }
  return { ...link, switch_id: id.toLowerCase() }
}

/**
 * Refuses fields, and members of a link written as `local_link_connection/network_type`.
 * @throws NotAcceptable 406 for those the version does not have yet
 */
export function gateNames(
  contract: Contract,
  minor: number,
  names: readonly string[] | undefined,
): void {
  gateFields(contract, 'Port', minor, names)
  const prefix = 'local_link_connection/'
  const members = names?.filter((n) => n.startsWith(prefix)).map((n) => n.slice(prefix.length))
  gateFields(contract, 'LocalLink', minor, members)
}

/** @throws NotAcceptable 406 when a link has members the version does not know */
export function gateLink(contract: Contract, minor: number, link: unknown): void {
  if (isObject(link)) gateFields(contract, 'LocalLink', minor, Object.keys(link))
}

/** @throws Invalid 400 */
export function checkSmartNic(contract: Contract, port: PortDocument): void {
  const link = port.local_link_connection
  if (port.is_smartnic !== true || link === null || link === undefined) return
  if (classicError(link, contract.schema('LocalLinkSmartNic')) !== null) {
    throw new Invalid('Smart NIC port must have port_id and hostname in local_link_connection')
  }
}

/** @throws Invalid 400 */
export function checkPhysicalNetwork(value: string | null | undefined): void {
  if (value === '') {
    throw new Invalid('A non-empty value is required when setting physical_network')
  }
}

/** The columns a document sets. @throws Invalid 400 on null where there must be a value */
export function columnsOf(port: PortDocument, nodeId: number, portgroup: PortgroupRow | null) {
  return {
    address: port.address,
    nodeId,
    portgroupId: portgroup?.id ?? null,
    extra: port.extra ?? {},
    isSmartnic: port.is_smartnic === undefined ? false : port.is_smartnic,
    localLinkConnection: port.local_link_connection ?? {},
    physicalNetwork: port.physical_network ?? null,
    pxeEnabled: definite('pxe_enabled', port.pxe_enabled),
    name: port.name ?? null,
    description: port.description ?? null,
    vendor: port.vendor ?? null,
    category: port.category ?? null,
    availableForDynamicPortgroup: port.available_for_dynamic_portgroup ?? true,
  }
}

/** True unless said otherwise; null says nothing. */
export function definite(name: string, value: boolean | null | undefined): boolean {
  if (value === null) throw new Invalid(`Field \`${name}' cannot be None`)
  return value ?? true
}

/** The columns of `after` that differ from the row. */
export function changesOf(row: PortRow, after: ReturnType<typeof columnsOf>): Partial<PortRow> {
  const now = row as unknown as Record<string, unknown>
  const changed = Object.entries(after).filter(
    ([key, value]) => JSON.stringify(now[key] ?? empty(value)) !== JSON.stringify(value),
  )
  return Object.fromEntries(changed)
}

/** Columns of objects may hold null for `{}`. */
const empty = (value: unknown) => (isObject(value) ? {} : null)
