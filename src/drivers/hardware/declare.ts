import { interfaceKinds, type InterfaceKind } from '../interfaces.js'
import type { HardwareType } from './type.js'

export type Supported = Readonly<Record<InterfaceKind, readonly string[]>>

/** What every real hardware type supports unless it says otherwise (`drivers/generic.py`). */
export const genericSupported: Supported = {
  bios: ['no-bios'],
  boot: ['ipxe', 'pxe', 'http-ipxe', 'http'],
  console: ['no-console'],
  deploy: ['autodetect', 'direct', 'ansible', 'ramdisk', 'anaconda', 'bootc', 'custom-agent'],
  firmware: ['no-firmware'],
  inspect: ['agent', 'no-inspect'],
  management: [],
  network: ['flat', 'neutron', 'ironic-networking', 'noop'],
  power: [],
  raid: ['no-raid', 'agent'],
  rescue: ['no-rescue', 'agent'],
  storage: ['noop', 'cinder', 'external'],
  vendor: ['no-vendor'],
}

/** A hardware type as it is declared: only what differs from the generic one. */
export interface HardwareTypeDeclaration {
  readonly name: string
  readonly className: string
  readonly supported: Partial<Supported>
  readonly acceptsAny?: boolean
}

/** Fills a declaration up with the generic lists. */
export const hardwareType = (declared: HardwareTypeDeclaration): HardwareType => ({
  ...declared,
  supported: { ...genericSupported, ...declared.supported },
})

/**
 * A classic driver of 2015: one fixed implementation per kind (docs/reference/drivers.md, B).
 * @param composition the kinds the driver had; the others get the implementation that refuses
 */
export function classicDriver(
  name: string,
  className: string,
  composition: Partial<Record<InterfaceKind, string>>,
): HardwareType {
  const absent: Record<InterfaceKind, string> = {
    bios: 'no-bios',
    boot: 'fake',
    console: 'no-console',
    deploy: 'fake',
    firmware: 'no-firmware',
    inspect: 'no-inspect',
    management: 'noop',
    network: 'noop',
    power: 'fake',
    raid: 'no-raid',
    rescue: 'no-rescue',
    storage: 'noop',
    vendor: 'no-vendor',
  }
  const chosen = { ...absent, ...composition }
  const supported = Object.fromEntries(interfaceKinds.map((kind) => [kind, [chosen[kind]]]))
  return { name, className, supported: supported as unknown as Supported }
}
