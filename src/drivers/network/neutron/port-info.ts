import { eq } from 'drizzle-orm'
import type { JsonObject } from '../../../db/columns.js'
import type { PortRow, PortgroupRow } from '../../../db/rows.js'
import { portgroups, ports } from '../../../db/schema/index.js'
import type { NetworkPurpose, Task } from '../../interfaces.js'

/** What a port, or a port group, says of its VIFs (`network/common.py`). */

export type PortLike =
  | { readonly kind: 'Port'; readonly row: PortRow }
  | { readonly kind: 'Portgroup'; readonly row: PortgroupRow }

/** Where VIFs are kept; the tenant's counts last (`NetType`). */
const vifKinds = ['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing', 'tenant']

export const vifKey = (purpose: NetworkPurpose | 'tenant'): string => `${purpose}_vif_port_id`

/** The VIF a port carries now. */
export function currentVif(_task: Task, port: Pick<PortRow, 'internalInfo'>): string | null {
  const info = port.internalInfo ?? {}
  const found = vifKinds.map((kind) => info[`${kind}_vif_port_id`]).find((v) => v !== undefined)
  return typeof found === 'string' ? found : null
}

/** The tenant's VIF. */
export function tenantVif({ internalInfo }: Pick<PortRow, 'internalInfo'>): string | null {
  const found = internalInfo?.[vifKey('tenant')]
  return typeof found === 'string' ? found : null
}

/** Ports, then port groups. */
export async function portLikes(task: Task): Promise<PortLike[]> {
  return [
    ...(await task.ports()).map((row): PortLike => ({ kind: 'Port', row })),
    ...(await task.portgroups()).map((row): PortLike => ({ kind: 'Portgroup', row })),
  ]
}

/** As `portLikes`, without the members of port groups. */
export async function ownPortLikes(task: Task): Promise<PortLike[]> {
  return (await portLikes(task)).filter(
    (one) => one.kind !== 'Port' || one.row.portgroupId === null,
  )
}

/** Sets keys of `internal_info`; undefined removes one. */
export async function writeInternalInfo(
  task: Task,
  port: PortLike,
  values: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const merged = { ...port.row.internalInfo, ...values }
  const internalInfo = Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  )
  await update(task, port, { internalInfo })
}

/** The tenant's VIF is gone, also from where clients of old kept it. */
export async function forgetTenantVif(task: Task, port: PortLike): Promise<void> {
  await writeInternalInfo(task, port, { [vifKey('tenant')]: undefined })
  const { vif_port_id: old, ...extra } = port.row.extra ?? {}
  if (old !== undefined) await update(task, port, { extra })
}

async function update(
  { ctx }: Task,
  { kind, row }: PortLike,
  values: { internalInfo?: JsonObject; extra?: JsonObject },
): Promise<void> {
  const set = { ...values, updatedAt: ctx.clock.now() }
  if (kind === 'Port') await ctx.db.orm.update(ports).set(set).where(eq(ports.id, row.id))
  else await ctx.db.orm.update(portgroups).set(set).where(eq(portgroups.id, row.id))
}

/** InfiniBand's DHCP client identifier. */
export function clientId({ extra }: Pick<PortRow, 'extra'>): string | null {
  const found = extra?.['client-id']
  return typeof found === 'string' && found !== '' ? found : null
}
