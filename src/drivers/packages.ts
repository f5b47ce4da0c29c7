import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorText } from '../error-text.js'
import { DriverLoadError } from './errors.js'
import { hardwareType } from './hardware/declare.js'
import type { HardwareTypeDeclaration } from './hardware/declare.js'
import { interfaceKinds, type BaseInterface } from './interfaces.js'
import type { HardwareType } from './hardware/type.js'

/** What a driver package adds. */
export interface DriverPackage {
  readonly hardwareTypes: readonly HardwareType[]
  readonly interfaces: readonly BaseInterface[]
}

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null

/**
 * Imports the packages of `[ferric] driver_packages`. A package is a module with a named export
 * `ferricDrivers: { hardwareTypes?, interfaces? }` (docs/adding-a-driver.md).
 * @param names package names, or paths that begin with `.` or `/`
 * @throws DriverLoadError when one cannot be imported or has another shape
 */
export async function loadPackages(names: readonly string[]): Promise<DriverPackage[]> {
  return await Promise.all(names.map(loadPackage))
}

async function loadPackage(name: string): Promise<DriverPackage> {
  const specifier = /^[./]/.test(name) ? pathToFileURL(resolve(name)).href : name
  let module: unknown
  try {
    module = await import(specifier)
  } catch (cause) {
    throw new DriverLoadError(name, errorText(cause), cause)
  }
  return readPackage(name, isObject(module) ? module['ferricDrivers'] : undefined)
}

/**
 * Checks the shape of a package's export.
 * @throws DriverLoadError
 */
export function readPackage(name: string, exported: unknown): DriverPackage {
  if (!isObject(exported)) {
    throw new DriverLoadError(name, "it has no export named 'ferricDrivers'")
  }
  const { hardwareTypes = [], interfaces = [] } = exported
  if (!Array.isArray(hardwareTypes) || !Array.isArray(interfaces)) {
    throw new DriverLoadError(name, "'hardwareTypes' and 'interfaces' must be lists")
  }
  return {
    hardwareTypes: hardwareTypes.map((type: unknown) => hardwareType(readType(name, type))),
    interfaces: interfaces.map((item: unknown) => readInterface(name, item)),
  }
}

function readType(name: string, type: unknown): HardwareTypeDeclaration {
  if (!isObject(type) || typeof type['name'] !== 'string' || !isObject(type['supported'])) {
    throw new DriverLoadError(name, "a hardware type needs 'name' and 'supported'")
  }
  const given = type as unknown as HardwareTypeDeclaration
  return { ...given, className: given.className ?? given.name }
}

function readInterface(name: string, item: unknown): BaseInterface {
  const known: readonly unknown[] = interfaceKinds
  if (!isObject(item) || typeof item['name'] !== 'string' || !known.includes(item['kind'])) {
    throw new DriverLoadError(name, "an interface needs 'name' and a known 'kind'")
  }
  if (!isObject(item['properties']) || typeof item['validate'] !== 'function') {
    throw new DriverLoadError(
      name,
      `the ${String(item['kind'])} interface ${item['name']} needs 'properties' and 'validate'`,
    )
  }
  return item as unknown as BaseInterface
}
