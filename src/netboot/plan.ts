import type { JsonObject } from '../db/columns.js'

/**
 * The boot plan of a machine. The boot interfaces write it into `driver_internal_info.ferric_boot`, and
 * the boot servers read it. It holds no secrets, because they are added when a script is made.
 */
export interface BootPlan {
  /** `local`: the machine boots its disk. */
  readonly mode: 'ramdisk' | 'instance' | 'local'
  readonly loader: BootLoader
  readonly entry: BootEntry
  /** Image references by the names under which they are served in the node's directory. */
  readonly images: Readonly<Record<string, string>>
  /** Kernel parameters, without those that the boot program adds. */
  readonly parameters: string
  /** The disk of `boot_whole_disk` (its identifier) or `boot_partition` (UUID of the root). */
  readonly disk?: string
  /** The parameters of the 2015 deploy ramdisk come first. */
  readonly classic?: boolean
  /** The ramdisk reads a token of the user from `token-<uuid>`. */
  readonly token?: boolean
  /** UUID of the volume target of `boot_iscsi`. */
  readonly volume?: string
  /** The kickstart file of `boot_anaconda`. */
  readonly kickstart?: KickstartPlan
}

export interface KickstartPlan {
  /** Reference of the template; null for the configured one, else Ferric's own. */
  readonly template: string | null
  /** URL of the packages to install, which bring the installer's second stage with them. */
  readonly repository: string | null
  readonly heartbeatUrl: string
  readonly insecureHeartbeat: boolean
}

export const bootLoaders = ['pxe', 'ipxe', 'http', 'http-ipxe'] as const
export type BootLoader = (typeof bootLoaders)[number]

export const bootEntries = [
  'deploy',
  'boot_ramdisk',
  'boot_iso',
  'boot_anaconda',
  'boot_partition',
  'boot_whole_disk',
  'boot_iscsi',
] as const
export type BootEntry = (typeof bootEntries)[number]

export const planKey = 'ferric_boot'

export const loadsByIpxe = ({ loader }: Pick<BootPlan, 'loader'>): boolean =>
  loader === 'ipxe' || loader === 'http-ipxe'

/** Whether the machine boots from the network. */
export const bootsNetwork = (plan: BootPlan | null): plan is BootPlan =>
  plan !== null && plan.mode !== 'local'

/** Returns the plan of a node; null when it has no valid one. */
export function planOf(internalInfo: JsonObject | null): BootPlan | null {
  const value = internalInfo?.[planKey]
  if (typeof value !== 'object' || value === null) return null
  const plan = value as Partial<BootPlan>
  const isValid =
    bootLoaders.some((loader) => loader === plan.loader) &&
    bootEntries.some((entry) => entry === plan.entry) &&
    typeof plan.parameters === 'string' &&
    typeof plan.images === 'object'
  return isValid ? (plan as BootPlan) : null
}
