import { asc, eq } from 'drizzle-orm'
import type { JsonObject } from '../db/columns.js'
import { volumeConnectors, volumeTargets } from '../db/schema/index.js'
import type { Machine, NetbootContext } from './machines.js'

/** The volumes iPXE attaches before it boots from the first. */
export interface BootVolume {
  /** Name this machine logs in under; null leaves iPXE's own. */
  readonly initiator: string | null
  readonly targets: readonly {
    readonly urls: readonly string[]
    readonly username: string
    readonly password: string
  }[]
}

/** The iSCSI volumes of a machine, the one it boots from first; null without one. */
export async function bootVolume(
  ctx: NetbootContext,
  machine: Machine,
): Promise<BootVolume | null> {
  const { orm } = ctx.db
  const rows = await orm
    .select()
    .from(volumeTargets)
    .where(eq(volumeTargets.nodeId, machine.nodeId))
    .orderBy(asc(volumeTargets.bootIndex))
  const connectors = await orm
    .select()
    .from(volumeConnectors)
    .where(eq(volumeConnectors.nodeId, machine.nodeId))
  const targets = rows
    .filter(({ volumeType }) => volumeType === 'iscsi')
    .map((row) => {
      const info = row.properties ?? {}
      return {
        urls: iscsiUrls(info),
        username: text(info['auth_username']),
        password: text(info['auth_password']),
      }
    })
  if (targets.length === 0) return null
  const initiator = connectors.find(({ type }) => type === 'iqn')?.connectorId ?? null
  return { initiator, targets }
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** One value, or the first of several (`target_iqn`, `target_iqns`). */
function firstOf(info: JsonObject, key: string): string {
  const value = info[key] ?? info[`${key}s`]
  return text(Array.isArray(value) ? value[0] : value)
}

/** `iscsi:HOST::PORT:LUN:IQN` (RFC 4173), the LUN in hexadecimal. */
function iscsiUrls(info: JsonObject): string[] {
  const portals = info['target_portals']
  const all = Array.isArray(portals) ? portals.map(text) : [firstOf(info, 'target_portal')]
  const lun = Number(firstOf(info, 'target_lun') || '0').toString(16)
  return all.map((portal) => {
    const [, host = portal, port = ''] = /^(.*?)(?::(\d+))?$/.exec(portal) ?? []
    return `iscsi:${host}::${port}:${lun}:${firstOf(info, 'target_iqn')}`
  })
}
