import { and, eq, ne } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { portgroups, ports } from '../../db/schema/index.js'
import { Conflict, IronicError } from '../../errors.js'

/** A port as it shall be; without id when it is new. */
export interface PhysicalNetworkMember {
  readonly id?: number | undefined
  readonly portgroupId?: number | null | undefined
  readonly physicalNetwork?: string | null | undefined
}

/**
 * All members of a port group are in one physical network: checks that a port may become, or
 * stay, a member (docs/reference/conductor.md, 18.1).
 * @throws Conflict; IronicError 500 when the members disagree already
 */
export async function validatePhysicalNetwork(
  ctx: AppContext,
  port: PhysicalNetworkMember,
): Promise<void> {
  if (port.portgroupId === null || port.portgroupId === undefined) return
  const { orm } = ctx.db
  const [group] = await orm.select().from(portgroups).where(eq(portgroups.id, port.portgroupId))
  if (group === undefined) return
  const inGroup = eq(ports.portgroupId, group.id)
  const others = await orm
    .selectDistinct({ name: ports.physicalNetwork })
    .from(ports)
    .where(port.id === undefined ? inGroup : and(inGroup, ne(ports.id, port.id)))
  if (others.length > 1) {
    const names = others.map((o) => o.name ?? 'None').join(', ')
    throw new IronicError(
      `Port group ${group.uuid} has member ports with inconsistent physical networks (${names}). All ports in a port group must have the same physical network.`,
    )
  }
  const own = group.physicalNetwork
  if (others[0] === undefined && own === null) return
  const theirs = others[0] === undefined ? own : others[0].name
  if ((port.physicalNetwork ?? null) === theirs) return
  throw new Conflict(
    `Port with physical network ${port.physicalNetwork ?? 'None'} cannot become a member of port group ${group.uuid} which has ports in physical network ${theirs ?? 'None'}.`,
  )
}
