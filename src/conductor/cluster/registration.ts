import { eq, sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { conductors } from '../../db/schema/index.js'
import { interfaceKinds } from '../../drivers/interfaces.js'
import { ringOf } from './ring.js'
import { rawRows } from '../../db/raw-rows.js'
import { service } from '../../services.js'

/** This host's rows in `conductors` and `conductor_hardware_interfaces` (docs/reference/conductor.md 14.1). */

const conductorRow = service({
  name: 'row of the conductor',
  create: (_ctx: AppContext): { id: number | null } => ({ id: null }),
})

/** Id of this host's conductor row, or null when it has none. */
export async function conductorId(ctx: AppContext): Promise<number | null> {
  const { id } = conductorRow(ctx)
  if (id !== null) return id
  const [row] = await ctx.db.orm
    .select({ id: conductors.id })
    .from(conductors)
    .where(eq(conductors.hostname, ctx.host))
  if (row === undefined) return null
  conductorRow(ctx).id = row.id
  return row.id
}

/** Puts this host online, with what it can drive. @returns the row's id */
export async function registerConductor(ctx: AppContext): Promise<number> {
  const now = ctx.clock.now().toISOString()
  const drivers = [...ctx.drivers.hardwareTypes.keys()].toSorted()
  const group = ctx.config.conductor.conductor_group.toLowerCase()
  const [row] = await rawRows(
    ctx.db.orm,
    sql`insert into conductors (hostname, drivers, online, conductor_group, created_at, updated_at)
      values (${ctx.host}, ${JSON.stringify(drivers)}::json, true, ${group}, ${now}::timestamptz,
        ${now}::timestamptz)
      on conflict (hostname) do update set drivers = excluded.drivers, online = true,
        conductor_group = excluded.conductor_group, updated_at = excluded.updated_at
      returning id`,
  )
  const id = Number(row!['id'])
  conductorRow(ctx).id = id
  await replaceInterfaces(ctx, id)
  ringOf(ctx).reset()
  return id
}

async function replaceInterfaces(ctx: AppContext, id: number): Promise<void> {
  const rows = offeredInterfaces(ctx)
  await ctx.db.orm.execute(
    sql`with gone as (
      delete from conductor_hardware_interfaces i where i.conductor_id = ${id}
        and not exists (select from json_to_recordset(${JSON.stringify(rows)}::json)
          as n(hardware_type text, interface_type text, interface_name text)
          where n.hardware_type = i.hardware_type and n.interface_type = i.interface_type
            and n.interface_name = i.interface_name)
    )
    insert into conductor_hardware_interfaces
      (conductor_id, hardware_type, interface_type, interface_name, "default")
    select ${id}::int, n.hardware_type, n.interface_type, n.interface_name, n.is_default
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as n(hardware_type text, interface_type text, interface_name text, is_default boolean)
    on conflict (conductor_id, hardware_type, interface_type, interface_name)
      do update set "default" = excluded."default"`,
  )
}

/** One row per hardware type, kind and enabled implementation that fits. */
function offeredInterfaces(ctx: AppContext) {
  return [...ctx.drivers.hardwareTypes.keys()].flatMap((type) =>
    interfaceKinds.flatMap((kind) => {
      const names = ctx.drivers.enabled(type, kind)
      const standard = names.length > 0 ? ctx.drivers.defaultFor(type, kind) : null
      return names.map((name) => ({
        hardware_type: type,
        interface_type: kind,
        interface_name: name,
        is_default: name === standard,
      }))
    }),
  )
}

/** Says that this host is alive. */
export async function keepAlive(ctx: AppContext): Promise<void> {
  await ctx.db.orm
    .update(conductors)
    .set({ online: true, updatedAt: ctx.clock.now() })
    .where(eq(conductors.hostname, ctx.host))
}

/** Takes this host off the ring. */
export async function unregisterConductor(ctx: AppContext): Promise<void> {
  await ctx.db.orm.execute(
    sql`with gone as (
      delete from conductor_hardware_interfaces i using conductors c
      where c.id = i.conductor_id and c.hostname = ${ctx.host}
    ) update conductors set online = false where hostname = ${ctx.host}`,
  )
  ringOf(ctx).reset()
}
