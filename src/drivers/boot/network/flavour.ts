import type { BootLoader } from '../../../netboot/plan.js'

/** What the four network boots differ in. */
export interface Flavour {
  readonly name: BootLoader
  readonly capabilities: readonly string[]
  /** The boot program is iPXE, which loads everything by HTTP. */
  readonly ipxe: boolean
  /** The firmware itself loads by HTTP. */
  readonly http: boolean
}
