import { and, eq, inArray, or } from 'drizzle-orm'
import type { ProcessContext } from '../process-context.js'
import type { JsonObject } from '../db/columns.js'
import { nodes, portgroups, ports } from '../db/schema/index.js'
import { planOf } from './plan.js'
import type { BootPlan } from './plan.js'

/** An enrolled machine, with what its boot depends on. */
export interface Machine {
  readonly uuid: string
  readonly nodeId: number
  readonly provisionState: string
  readonly properties: JsonObject | null
  readonly instanceInfo: JsonObject | null
  readonly driverInternalInfo: JsonObject | null
  readonly plan: BootPlan | null
  /** Whether it boots by the MAC of the request; false for a port with `pxe_enabled` off. */
  readonly bootsHere: boolean
}

export type NetbootContext = Pick<
  ProcessContext,
  'config' | 'clock' | 'log' | 'db' | 'host' | 'services'
>

const columns = {
  uuid: nodes.uuid,
  nodeId: nodes.id,
  provisionState: nodes.provisionState,
  properties: nodes.properties,
  instanceInfo: nodes.instanceInfo,
  driverInternalInfo: nodes.driverInternalInfo,
}

/** Returns the machine with a port, or a port group, of this MAC in lower case. */
export async function machineByMac(ctx: NetbootContext, mac: string): Promise<Machine | null> {
  const [row] = await ctx.db.orm
    .select({ ...columns, pxeEnabled: ports.pxeEnabled })
    .from(ports)
    .innerJoin(nodes, eq(ports.nodeId, nodes.id))
    .where(eq(ports.address, mac))
    .limit(1)
  if (row !== undefined) return machine(row, row.pxeEnabled !== false)
  const [group] = await ctx.db.orm
    .select(columns)
    .from(portgroups)
    .innerJoin(nodes, eq(portgroups.nodeId, nodes.id))
    .where(eq(portgroups.address, mac))
    .limit(1)
  return group === undefined ? null : machine(group, true)
}

/** Returns the machine whose port was created with this DHCP client identifier (InfiniBand). */
export async function machineByClientId(ctx: NetbootContext, id: string): Promise<Machine | null> {
  const rows = await ctx.db.orm
    .select({ ...columns, extra: ports.extra, pxeEnabled: ports.pxeEnabled })
    .from(ports)
    .innerJoin(nodes, eq(ports.nodeId, nodes.id))
    .where(and(inArray(ports.address, infinibandMacs(id)), or(eq(ports.pxeEnabled, true))))
  const row = rows.find(({ extra }) => extra?.['client-id'] === id)
  return row === undefined ? null : machine(row, true)
}

/** The Ethernet-like address of an InfiniBand port, which is its GUID without the middle. */
function infinibandMacs(id: string): string[] {
  const bytes = id.split(':').slice(-8)
  return [[...bytes.slice(0, 3), ...bytes.slice(5)].join(':')]
}

/** Returns the machine of a node; null without such a node. */
export async function machineByUuid(ctx: NetbootContext, uuid: string): Promise<Machine | null> {
  const [row] = await ctx.db.orm.select(columns).from(nodes).where(eq(nodes.uuid, uuid)).limit(1)
  return row === undefined ? null : machine(row, true)
}

const machine = (row: Omit<Machine, 'plan' | 'bootsHere'>, bootsHere: boolean): Machine => ({
  uuid: row.uuid,
  nodeId: row.nodeId,
  provisionState: row.provisionState,
  properties: row.properties,
  instanceInfo: row.instanceInfo,
  driverInternalInfo: row.driverInternalInfo,
  plan: planOf(row.driverInternalInfo),
  bootsHere,
})
