import { asc, eq } from 'drizzle-orm'
import type { JsonObject } from '../db/columns.js'
import { volumeConnectors, volumeTargets } from '../db/schema/index.js'
import { InvalidParameterValue } from '../errors.js'
import type { Machine, NetbootContext } from './machines.js'

/** The volumes that iPXE attaches before it boots from the first one. */
export interface BootVolume {
  /** The initiator name of this machine; null leaves iPXE's own. */
  readonly initiator: string | null
  readonly targets: readonly {
    readonly urls: readonly string[]
    readonly username: string
    readonly password: string
  }[]
}

/**
 * Returns the iSCSI volumes of a machine, with the one that it boots from first; null without volumes.
 * @throws InvalidParameterValue for a value that would be more than one word of the script
 */
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
        username: word(info['auth_username'], 'auth_username'),
        password: word(info['auth_password'], 'auth_password'),
      }
    })
  if (targets.length === 0) return null
  const initiator = connectors.find(({ type }) => type === 'iqn')?.connectorId ?? null
  return { initiator: initiator === null ? null : word(initiator, 'connector_id'), targets }
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/**
 * Tenants name their volumes, and iPXE has no quotes. A line end would begin another command, a
 * space another word, and `${` a setting.
 */
function word(value: unknown, what: string): string {
  const one = text(value)
  if (/^[!-~]*$/.test(one) && !one.includes('${')) return one
  throw new InvalidParameterValue(`${what} of a volume cannot stand in a boot script`)
}

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
  return all.map((address) => {
    const portal = word(address, 'target_portal')
    const [, host = portal, port = ''] = /^(.*?)(?::(\d+))?$/.exec(portal) ?? []
    return `iscsi:${host}::${port}:${lun}:${word(firstOf(info, 'target_iqn'), 'target_iqn')}`
  })
}
