import { Conflict, Invalid, IronicError, ServerError } from '../../errors.js'

/** Neutron did not do what a node's network needs (upstream's classes of these names). */
export class NetworkError extends ServerError {
  override readonly name = 'NetworkError'
}
export class FailedToUpdateMacOnPort extends IronicError {
  override readonly name = 'FailedToUpdateMacOnPort'
  constructor(port: string, cause: unknown) {
    super(`Update MAC address on port: ${port} failed.`, { cause })
  }
}
export class FailedToUpdateDHCPOptOnPort extends IronicError {
  override readonly name = 'FailedToUpdateDHCPOptOnPort'
}
export class VifAlreadyAttached extends Conflict {
  override readonly name = 'VifAlreadyAttached'
  constructor(vif: string, kind: string, uuid: string) {
    super(`Unable to attach VIF because VIF ${vif} is already attached to Ironic ${kind} ${uuid}`)
  }
}
export class VifNotAttached extends Invalid {
  override readonly name = 'VifNotAttached'
}
export class NoFreePhysicalPorts extends Invalid {
  override readonly name = 'NoFreePhysicalPorts'
  constructor(vif: string) {
    super(`Unable to attach VIF ${vif}, not enough free physical ports.`)
  }
}
