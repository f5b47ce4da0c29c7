import type { JsonObject } from '../../../db/columns.js'
import type { PortRow, PortgroupRow } from '../../../db/rows.js'
import type { Task } from '../../interfaces.js'
import { NoFreePhysicalPorts, VifAlreadyAttached } from '../errors.js'
import { tenantVif, type PortLike } from './port-info.js'
import { isUsable } from './usable.js'

/**
 * The port or port group a VIF goes to: in its physical network first, then a group before a port,
 * then a port that boots (`network/common.py`, `get_free_port_like_object`).
 * @param networks physical networks it may be in; empty means any
 * @param vif what the client said: `port_uuid` and `portgroup_uuid` choose
 * @throws VifAlreadyAttached, NoFreePhysicalPorts
 */
export async function freePortFor(
  task: Task,
  vif: JsonObject & { id: string },
  networks: ReadonlySet<string>,
): Promise<PortLike> {
  const ports = await task.ports()
  const free = freeOnes(task, vif, { ports, groups: await task.portgroups(), networks })
  const rank = (one: PortLike) => rankOf(one, ports, networks)
  const [best] = free.toSorted((a, b) => rank(b) - rank(a))
  if (best === undefined) throw new NoFreePhysicalPorts(vif.id)
  return best
}

interface Candidates {
  readonly ports: readonly PortRow[]
  readonly groups: readonly PortgroupRow[]
  readonly networks: ReadonlySet<string>
}

function freeOnes(
  task: Task,
  vif: JsonObject & { id: string },
  { ports, groups, networks }: Candidates,
): PortLike[] {
  const { port_uuid: wantedPort, portgroup_uuid: other } = vif
  const wantedGroup = wantedPort === undefined ? other : undefined
  const busyGroups = new Set<number>()
  const members = new Map<number, PortRow[]>()
  const found: PortLike[] = []
  for (const row of ports) {
    if ((wantedPort !== undefined && wantedPort !== row.uuid) || !isUsable(task, row)) continue
    const { portgroupId: group, physicalNetwork: network } = row
    if (carries({ kind: 'Port', row }, vif.id)) {
      if (group !== null) busyGroups.add(group)
    } else if (networks.size === 0 || network === null || networks.has(network)) {
      if (group !== null) members.set(group, [...(members.get(group) ?? []), row])
      else if (wantedGroup === undefined) found.push({ kind: 'Port', row })
    }
  }
  if (wantedPort !== undefined) return found
  for (const row of groups) {
    if (wantedGroup !== undefined && wantedGroup !== row.uuid) continue
    const group: PortLike = { kind: 'Portgroup', row }
    if (carries(group, vif.id)) continue
    const own = members.get(row.id) ?? []
    if (!busyGroups.has(row.id)) found.push(...(own.length > 0 ? [group] : []))
    // Some member is used by itself, so that the others are too.
    else if (wantedGroup === undefined) found.push(...own.map(asPort))
  }
  return found
}

const asPort = (row: PortRow): PortLike => ({ kind: 'Port', row })

/** @throws VifAlreadyAttached when it is this one */
function carries({ kind, row }: PortLike, vif: string): boolean {
  const attached = tenantVif(row)
  if (attached === vif) throw new VifAlreadyAttached(vif, kind, row.uuid)
  return attached !== null
}

function rankOf(
  { kind, row }: PortLike,
  ports: readonly PortRow[],
  networks: ReadonlySet<string>,
): number {
  const network =
    kind === 'Port'
      ? row.physicalNetwork
      : (ports.find(({ portgroupId }) => portgroupId === row.id)?.physicalNetwork ?? null)
  const inNetwork = network !== null && networks.has(network)
  const boots = kind === 'Portgroup' || row.pxeEnabled !== false
  return (inNetwork ? 4 : 0) + (kind === 'Portgroup' ? 2 : 0) + (boots ? 1 : 0)
}
