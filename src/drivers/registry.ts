import type { NodeRow } from '../db/rows.js'
import type { BaseInterface, Driver, HardwareType, InterfaceKind } from './interfaces.js'

/** The columns of a node that choose its driver. */
export type DriverChoice = Pick<NodeRow, 'driver' | 'uuid' | 'instanceInfo'> &
  Pick<NodeRow, `${InterfaceKind}Interface`>

/** What is enabled in this process, and how a node gets its driver (drivers.md, A.4). */
export interface DriverRegistry {
  readonly hardwareTypes: ReadonlyMap<string, HardwareType>
  /** Enabled implementations of a kind that a hardware type supports. */
  enabled(hardwareType: string, kind: InterfaceKind): readonly string[]
  /** The default implementation. @throws Invalid (NoValidDefaultForInterface) */
  defaultFor(hardwareType: string, kind: InterfaceKind, nodeUuid?: string): string
  /** An enabled implementation by name. @throws Invalid (InterfaceNotFoundInEntrypoint) */
  implementation(kind: InterfaceKind, name: string): BaseInterface
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
