import type { JsonObject } from '../db/columns.js'

/**
 * What a machine is to boot, as the boot interfaces write it into
 * `driver_internal_info.ferric_boot` and everything in this directory reads it. Secrets are never
 * in it: they are put in when a script is made.
 */
export interface BootPlan {
  /** `local`: the network boot stands aside and the disk is booted. */
  readonly mode: 'ramdisk' | 'instance' | 'local'
  readonly loader: BootLoader
  readonly entry: BootEntry
  /** What is served under the node's UUID: name to image reference. */
  readonly images: Readonly<Record<string, string>>
  /** Kernel parameters, less those the boot program adds. */
  readonly parameters: string
  /** The disk of `boot_whole_disk` (its identifier) or `boot_partition` (UUID of the root). */
  readonly disk?: string
  /** The parameters of the 2015 deploy ramdisk come first. */
  readonly classic?: boolean
  /** The ramdisk reads a token of the user's from `token-<uuid>`. */
  readonly token?: boolean
  /** UUID of the volume target of `boot_iscsi`. */
  readonly volume?: string
  /** What the installer of `boot_anaconda` reads. */
  readonly kickstart?: KickstartPlan
}

export interface KickstartPlan {
  /** Reference of the template; null: the one of the configuration, else Ferric's own. */
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

/** Whether something of the network is booted. */
export const bootsNetwork = (plan: BootPlan | null): plan is BootPlan =>
  plan !== null && plan.mode !== 'local'

/** The plan of a node; null when it has none, or one that nobody here understands. */
export function planOf(internalInfo: JsonObject | null): BootPlan | null {
  const value = internalInfo?.[planKey]
  if (typeof value !== 'object' || value === null) return null
  const plan = value as Partial<BootPlan>
  const known =
    bootLoaders.some((loader) => loader === plan.loader) &&
    bootEntries.some((entry) => entry === plan.entry) &&
    typeof plan.parameters === 'string' &&
    typeof plan.images === 'object'
  return known ? (plan as BootPlan) : null
}
