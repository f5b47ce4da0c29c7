import type { Config } from '../config/index.js'
import type { NodeRow } from '../db/rows.js'
import { DriverNotFound, InvalidParameterValue } from '../errors.js'
import type { Logger } from '../log/logger.js'
import type { Catalogue } from './catalogue.js'
import { buildCatalogue } from './catalogue.js'
import { enabledHardwareTypes, enabledInterfaces } from './enabled.js'
import type { EnabledNames } from './enabled.js'
import {
  IncompatibleInterface,
  InterfaceNotFoundInEntrypoint,
  NoValidDefaultForInterface,
} from './errors.js'
import { checkFakeDelays } from './fake-delay.js'
import { interfaceKinds, type Driver, type InterfaceKind } from './interfaces.js'
import type { HardwareType } from './hardware/type.js'
import type { DriverPackage } from './packages.js'
import { loadPackages } from './packages.js'

/** The columns of a node that choose its driver. */
export type DriverChoice = Pick<NodeRow, 'driver' | 'uuid' | 'instanceInfo'> &
  Pick<NodeRow, `${InterfaceKind}Interface`>

/** What is enabled in this process, and how a node gets its driver (docs/reference/drivers.md, A.4). */
export interface DriverRegistry {
  readonly hardwareTypes: ReadonlyMap<string, HardwareType>
  /** An enabled hardware type. @throws DriverNotFound */
  hardwareType(name: string): HardwareType
  /** Enabled implementations of a kind that a hardware type supports, sorted by name. */
  enabled(hardwareType: string, kind: InterfaceKind): readonly string[]
  /** The default implementation. @throws Invalid (NoValidDefaultForInterface) */
  defaultFor(hardwareType: string, kind: InterfaceKind, nodeUuid?: string): string
  /** An enabled implementation by name. @throws Invalid (InterfaceNotFoundInEntrypoint) */
  implementation<K extends InterfaceKind>(kind: K, name: string): Driver[K]
  /**
   * Checks the interface columns set on a node and fills in defaults for those that are null.
   * @returns the columns to store
   * @throws DriverNotFound, Invalid (InterfaceNotFoundInEntrypoint, IncompatibleInterface,
   *   NoValidDefaultForInterface)
   */
  resolveInterfaces(node: DriverChoice): Record<`${InterfaceKind}Interface`, string>
  /** Composes the driver of a node; `instance_info` may override an interface. */
  compose(node: DriverChoice): Driver
}

/**
 * Loads the driver packages, works out what is enabled and checks that every hardware type has
 * a default of every kind (`common/driver_factory.py`).
 * @param options.packages packages already loaded, beside those the configuration names
 * @throws DriverLoadError, DriverNotFoundInEntrypoint, NoDriversLoaded,
 *   InterfaceNotFoundInEntrypoint, NoValidDefaultForInterface
 */
export async function createDriverRegistry(
  config: Config,
  log: Logger,
  options: { packages?: readonly DriverPackage[] } = {},
): Promise<DriverRegistry> {
  checkFakeDelays(config)
  const loaded = await loadPackages(config.ferric.driver_packages)
  const catalogue = buildCatalogue([...loaded, ...(options.packages ?? [])])
  const hardwareTypes = enabledHardwareTypes(config, catalogue, log)
  const names = enabledInterfaces(config, catalogue, [...hardwareTypes.values()], log)
  const registry = new Registry(config, catalogue, hardwareTypes, names)
  for (const type of hardwareTypes.keys()) {
    for (const kind of interfaceKinds) registry.defaultFor(type, kind)
  }
  checkAutodetect(config, names)
  return registry
}

/** @throws InvalidParameterValue when `autodetect` may choose what is not enabled */
function checkAutodetect(config: Config, names: EnabledNames): void {
  if (!names.deploy.includes('autodetect')) return
  for (const name of config.DEFAULT.autodetect_deploy_interfaces) {
    if (names.deploy.includes(name)) continue
    throw new InvalidParameterValue(
      `Deploy interface '${name}' is configured in autodetect_deploy_interfaces but is not in enabled_deploy_interfaces. Please add '${name}' to enabled_deploy_interfaces or remove it from autodetect_deploy_interfaces.`,
    )
  }
}

class Registry implements DriverRegistry {
  readonly hardwareTypes: ReadonlyMap<string, HardwareType>
  readonly #config: Config
  readonly #catalogue: Catalogue
  readonly #names: EnabledNames

  constructor(
    config: Config,
    catalogue: Catalogue,
    hardwareTypes: ReadonlyMap<string, HardwareType>,
    names: EnabledNames,
  ) {
    this.#config = config
    this.#catalogue = catalogue
    this.hardwareTypes = hardwareTypes
    this.#names = names
  }

  hardwareType(name: string): HardwareType {
    const type = this.hardwareTypes.get(name)
    if (type === undefined) throw new DriverNotFound(name)
    return type
  }

  enabled(hardwareType: string, kind: InterfaceKind): readonly string[] {
    const { supported } = this.hardwareType(hardwareType)
    return this.#names[kind].filter((name) => supported[kind].includes(name)).toSorted()
  }

  defaultFor(hardwareType: string, kind: InterfaceKind, nodeUuid?: string): string {
    const type = this.hardwareType(hardwareType)
    const configured = this.#config.DEFAULT[`default_${kind}_interface`]
    const name = configured ?? type.supported[kind].find((n) => this.#names[kind].includes(n))
    if (name === undefined) throw new NoValidDefaultForInterface(kind, type.name, nodeUuid)
    try {
      this.#check(type, kind, name)
    } catch (error) {
      if (!(error instanceof IncompatibleInterface)) throw error
      throw new NoValidDefaultForInterface(kind, type.name, nodeUuid)
    }
    return name
  }

  implementation<K extends InterfaceKind>(kind: K, name: string): Driver[K] {
    const found = this.#names[kind].includes(name) && this.#catalogue.interfaces[kind].get(name)
    if (!found) {
      throw new InterfaceNotFoundInEntrypoint(kind, name, this.#names[kind].toSorted())
    }
    // The catalogue files an implementation under its own kind.
    return found as Driver[K]
  }

  resolveInterfaces(node: DriverChoice): Record<`${InterfaceKind}Interface`, string> {
    const type = this.hardwareType(node.driver ?? 'None')
    const columns = interfaceKinds.map((kind) => [
      `${kind}Interface`,
      this.#column(type, kind, node),
    ])
    return Object.fromEntries(columns) as Record<`${InterfaceKind}Interface`, string>
  }

  compose(node: DriverChoice): Driver {
    const columns = this.resolveInterfaces(node)
    const parts = interfaceKinds.map((kind) => [
      kind,
      this.implementation(kind, override(node, kind) ?? columns[`${kind}Interface`]),
    ])
    return Object.fromEntries(parts)
  }

  /** The stored choice, or the default where there is none. */
  #column(type: HardwareType, kind: InterfaceKind, node: DriverChoice): string {
    const overridden = override(node, kind)
    if (overridden !== null) this.#check(type, kind, overridden)
    const chosen = node[`${kind}Interface`]
    if (chosen === null) return this.defaultFor(type.name, kind, node.uuid)
    this.#check(type, kind, chosen)
    return chosen
  }

  #check(type: HardwareType, kind: InterfaceKind, name: string): void {
    const implementation = this.implementation(kind, name)
    if (type.acceptsAny === true || type.supported[kind].includes(name)) return
    throw new IncompatibleInterface(kind, `<${implementation.name}>`, type.className)
  }
}

function override(node: DriverChoice, kind: InterfaceKind): string | null {
  const value = node.instanceInfo?.[`${kind}_interface`]
  return typeof value === 'string' ? value : null
}
