import { and, asc, eq, gte, inArray } from 'drizzle-orm'
import type { AppContext } from '../../../context.js'
import { conductorHardwareInterfaces, conductors } from '../../../db/schema/index.js'
import { NotFound } from '../../../errors.js'

/** A hardware type and what conductors that are online say of it. */
export interface ActiveDriver {
  readonly name: string
  readonly hosts: readonly string[]
  readonly interfaces: readonly RegisteredInterface[]
}
export interface RegisteredInterface {
  readonly kind: string
  readonly name: string
  readonly isDefault: boolean
}

interface Registration extends RegisteredInterface {
  readonly host: string
  readonly driver: string
}

/**
 * The drivers of all online conductors (docs/reference/conductor.md, 14.2), by name.
 * @param names only these
 */
export async function activeDrivers(
  ctx: AppContext,
  names?: readonly string[],
): Promise<ActiveDriver[]> {
  const byDriver = new Map<string, Registration[]>()
  for (const r of await registrations(ctx, names)) {
    const known = byDriver.get(r.driver)
    if (known === undefined) byDriver.set(r.driver, [r])
    else known.push(r)
  }
  return [...byDriver].map(([name, rows]) => ({
    name,
    hosts: [...new Set(rows.map((r) => r.host))],
    interfaces: rows,
  }))
}

async function registrations(
  ctx: AppContext,
  names: readonly string[] | undefined,
): Promise<Registration[]> {
  const timeoutMs = ctx.config.conductor.heartbeat_timeout * 1000
  const oldest = new Date(ctx.clock.now().getTime() - timeoutMs)
  const i = conductorHardwareInterfaces
  return await ctx.db.orm
    .select({
      host: conductors.hostname,
      driver: i.hardwareType,
      kind: i.interfaceType,
      name: i.interfaceName,
      isDefault: i.default,
    })
    .from(i)
    .innerJoin(conductors, eq(i.conductorId, conductors.id))
    .where(
      and(
        eq(conductors.online, true),
        timeoutMs === 0 ? undefined : gte(conductors.updatedAt, oldest),
        names === undefined ? undefined : inArray(i.hardwareType, [...names]),
      ),
    )
    .orderBy(asc(i.hardwareType), asc(conductors.hostname), asc(i.id))
}

/** @throws NotFound 404 when no conductor serves the driver */
export async function requireDriver(ctx: AppContext, name: string): Promise<void> {
  const found = await activeDrivers(ctx, [name])
  if (found.length === 0) throw new NotFound(`The driver '${name}' is unknown.`)
}
