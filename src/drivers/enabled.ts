import { hostname } from 'node:os'
import type { Config } from '../config/index.js'
import type { Logger } from '../log/logger.js'
import type { Catalogue } from './catalogue.js'
import { DriverNotFoundInEntrypoint, NoDriversLoaded } from './errors.js'
import type { HardwareType } from './hardware/type.js'
import { interfaceKinds, type InterfaceKind } from './interfaces.js'

export type EnabledNames = Readonly<Record<InterfaceKind, readonly string[]>>

/**
 * Enabled when the option is not set: Ironic's own defaults, less what needs another service
 * (`flat` needs Neutron, `cinder` needs Cinder).
 */
const usual: EnabledNames = {
  bios: ['no-bios', 'redfish'],
  boot: ['ipxe', 'pxe', 'redfish-virtual-media'],
  console: ['no-console'],
  deploy: ['autodetect', 'direct', 'ramdisk', 'bootc'],
  firmware: ['no-firmware'],
  inspect: ['no-inspect', 'redfish'],
  management: [],
  network: ['noop'],
  power: [],
  raid: ['agent', 'no-raid', 'redfish'],
  rescue: ['no-rescue'],
  storage: ['noop'],
  vendor: ['ipmitool', 'redfish', 'no-vendor'],
}

/**
 * The enabled hardware types. Names that do not exist here, or whose implementations do not, are left out with a
 * warning, because an operator's file may enable vendors' drivers that other nodes need; upstream stops instead.
 * @throws DriverNotFoundInEntrypoint when none of the names exists; NoDriversLoaded when there is no name
 */
export function enabledHardwareTypes(
  config: Config,
  catalogue: Catalogue,
  log: Logger,
): Map<string, HardwareType> {
  const names = unique('enabled_hardware_types', config.DEFAULT.enabled_hardware_types, log)
  const types = new Map<string, HardwareType>()
  const missing: string[] = []
  for (const name of names) {
    const type = catalogue.hardwareTypes.get(name)
    if (type === undefined || !isComplete(type, catalogue)) missing.push(name)
    else types.set(name, type)
  }
  if (types.size === 0 && missing.length > 0)
    throw new DriverNotFoundInEntrypoint('ironic.hardware.types', missing)
  if (types.size === 0) throw new NoDriversLoaded(config.DEFAULT.host ?? hostname())
  leaveOut('enabled_hardware_types', missing, log)
  return types
}

function leaveOut(option: string, missing: readonly string[], log: Logger): void {
  if (missing.length > 0)
    log.warn({ option, missing }, 'Ferric does not have what an option enables')
}

/** Every kind has at least one implementation that exists. */
const isComplete = (type: HardwareType, catalogue: Catalogue): boolean =>
  interfaceKinds.every((kind) =>
    type.supported[kind].some((n) => catalogue.interfaces[kind].has(n)),
  )

/**
 * The enabled implementations of every kind. Names that do not exist here are left out with a warning.
 * @throws DriverNotFoundInEntrypoint when none of the names of a kind exists
 */
export function enabledInterfaces(
  config: Config,
  catalogue: Catalogue,
  types: readonly HardwareType[],
  log: Logger,
): EnabledNames {
  return Object.fromEntries(
    interfaceKinds.map((kind) => [kind, enabledOf(kind, config, catalogue, types, log)]),
  ) as EnabledNames
}

function enabledOf(
  kind: InterfaceKind,
  config: Config,
  catalogue: Catalogue,
  types: readonly HardwareType[],
  log: Logger,
): readonly string[] {
  const existing = catalogue.interfaces[kind]
  const option = `enabled_${kind}_interfaces` as const
  const requested = config.DEFAULT[option]
  if (requested === null) return unset(kind, types).filter((name) => existing.has(name))
  const names = unique(option, requested, log)
  const chosen = names.length > 0 ? names : firstSupported(kind, types)
  const all = [...new Set([...chosen, ...fixed(kind, types)])]
  const missing = all.filter((name) => !existing.has(name))
  if (missing.length > 0 && missing.length === all.length)
    throw new DriverNotFoundInEntrypoint(`ironic.hardware.interfaces.${kind}`, missing)
  leaveOut(option, missing, log)
  return all.filter((name) => existing.has(name))
}

/** An option that is not set: the usual ones, and what a type could not do without. */
function unset(kind: InterfaceKind, types: readonly HardwareType[]): string[] {
  const first = firstSupported(kind, types).filter(
    (name) => kind === 'power' || kind === 'management' || name === 'fake',
  )
  return [...new Set([...usual[kind], ...first, ...fixed(kind, types)])]
}

/** Upstream's rule for an empty list: the first supported implementation of every type. */
const firstSupported = (kind: InterfaceKind, types: readonly HardwareType[]): string[] => [
  ...new Set(types.flatMap((type) => type.supported[kind].slice(0, 1))),
]

/** A classic driver has no choice, so enabling it enables its parts. */
const fixed = (kind: InterfaceKind, types: readonly HardwareType[]): string[] =>
  types
    .filter((type) => interfaceKinds.every((k) => type.supported[k].length === 1))
    .flatMap((type) => type.supported[kind])

function unique(option: string, names: readonly string[], log: Logger): string[] {
  const given = names.filter((name) => name !== '')
  const result = [...new Set(given)]
  if (result.length < given.length) {
    log.warn({ option, names: given }, 'names are given more than once')
  }
  return result
}
