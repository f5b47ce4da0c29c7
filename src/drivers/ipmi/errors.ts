import { ServerError } from '../../errors.js'

/**
 * A command that a BMC did not carry out (upstream's class of that name). The text begins as
 * upstream's does; what follows says which BMC, and what it answered.
 */
export class IPMIFailure extends ServerError {
  override readonly name = 'IPMIFailure'
  constructor(command: string, detail?: string, cause?: unknown) {
    super(`IPMI call failed: ${command}.${detail === undefined ? '' : ` ${detail}`}`, cause)
  }
}

/** Sensors that could not be read. */
export class FailedToGetSensorData extends ServerError {
  override readonly name = 'FailedToGetSensorData'
  constructor(node: string, error: string, cause?: unknown) {
    super(`Failed to get sensor data for node ${node}. Error: ${error}`, cause)
  }
}

/** Sensors that were read but say nothing. */
export class FailedToParseSensorData extends ServerError {
  override readonly name = 'FailedToParseSensorData'
  constructor(node: string, error: string) {
    super(`Failed to parse sensor data for node ${node}. Error: ${error}`)
  }
}
