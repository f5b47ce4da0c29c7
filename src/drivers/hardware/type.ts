import type { InterfaceKind } from '../interfaces.js'

/** A hardware type or a classic driver of 2015. */
export interface HardwareType {
  readonly name: string
  /** Class name in upstream's error texts, e.g. `FakeHardware`. */
  readonly className: string
  /** Implementations by kind in priority order. The first enabled one is the default. */
  readonly supported: Readonly<Record<InterfaceKind, readonly string[]>>
  /** Any enabled implementation may be chosen (fake-hardware). */
  readonly acceptsAny?: boolean
}
