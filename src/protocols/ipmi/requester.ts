import type { IpmiRequest } from './codec/message.js'
import type { Bridge } from './session/bridge.js'

/** What commands are built on: sends one to a BMC and returns the data of its answer. */
export interface Requester {
  /**
   * @throws IpmiCompletionError, IpmiPrivilegeError, IpmiAuthenticationError, IpmiTimeout,
   *   IpmiUnreachable and the other classes of `errors.ts`
   */
  request(request: IpmiRequest, options?: CommandOptions): Promise<Buffer>
}

/** How one command is sent. */
export interface CommandOptions {
  /** Never sent twice, because a second execution would have an effect of its own. */
  readonly once?: boolean
  /** Addresses a controller behind the BMC. */
  readonly bridge?: Bridge
}
