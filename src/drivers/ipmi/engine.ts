import type { ChassisAction } from '../../protocols/ipmi/commands/chassis.js'
import type { JsonObject } from '../../db/columns.js'
import type { BootDevice, PowerState } from '../interfaces.js'

export type IpmiAction = Exclude<ChassisAction, 'cycle'>

/** The next boot device as IPMI says it. */
export interface BootChoice {
  readonly device: string
  /** The selector's byte (IPMI 2.0, table 28-14). */
  readonly selector: number
  readonly persistent: boolean
  readonly uefi: boolean
}

/**
 * What the IPMI implementations need of whatever speaks IPMI. Bound to a node's BMC; every
 * operation takes its turn in the BMC's queue. All throw IPMIFailure.
 */
export interface IpmiEngine {
  powerState(): Promise<PowerState>
  /**
   * Asks once for what is done once (reset, soft, diag). When the answer is lost, `soft` is
   * decided by the machine's state; the others fail rather than happen twice.
   */
  control(action: IpmiAction): Promise<void>
  setBootDevice(wanted: BootChoice): Promise<void>
  bootDevice(): Promise<BootDevice>
  /**
   * @param bytes as an operator writes them: `0x06 0x01`
   * @param repeatable it does no harm if they come twice
   * @returns the answer's bytes in hex
   */
  raw(bytes: string, repeatable?: boolean): Promise<string>
  resetBmc(kind: 'warm' | 'cold'): Promise<void>
  /** The manufacturer's name in lower case. */
  vendor(): Promise<string | null>
  /** Sensors by type, in the form of upstream's notifications. */
  sensors(): Promise<JsonObject>
}
