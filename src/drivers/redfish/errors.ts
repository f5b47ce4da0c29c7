import { ServerError } from '../../errors.js'

/** What the BMC did not do, or refused (upstream's class of that name). */
export class RedfishError extends ServerError {
  override readonly name: string = 'RedfishError'
  constructor(error: string, cause?: unknown) {
    super(`Redfish exception occurred. Error: ${error}`, cause)
  }
}
/** The BMC could not be reached, or did not answer. */
export class RedfishConnectionError extends ServerError {
  override readonly name = 'RedfishConnectionError'
  constructor(node: string, error: string, cause?: unknown) {
    super(`Redfish connection failed for node ${node}: ${error}`, cause)
  }
}
