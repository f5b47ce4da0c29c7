import { Invalid, IronicError, ServerError } from '../../errors.js'

/** Refusals of verbs, under upstream's names and with its texts. */

export class InstanceDeployFailure extends IronicError {
  override readonly name = 'InstanceDeployFailure'
  constructor(message: string, status = 500, cause?: unknown) {
    super(message, { status, cause })
  }
}
export class InstanceUnrescueFailure extends ServerError {
  override readonly name = 'InstanceUnrescueFailure'
  constructor(instance: string | null, node: string, reason: string) {
    super(`Failed to unrescue instance ${instance ?? 'None'} for node ${node}: ${reason}`)
  }
}
export class NodeIsRetired extends Invalid {
  override readonly name = 'NodeIsRetired'
  constructor(operation: string, node: string) {
    super(`The ${operation} operation can't be performed on node ${node} because it is retired.`)
  }
}
export class BootModeNotAllowed extends Invalid {
  override readonly name = 'BootModeNotAllowed'
  constructor(mode: string, operation: string) {
    super(`'${mode}' boot mode is not allowed for ${operation} operation.`)
  }
}
