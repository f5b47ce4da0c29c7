import { DrizzleQueryError } from 'drizzle-orm'

/**
 * Every error a client may see. Classes carry upstream's status; the texts are upstream's
 * (`ironic/common/exception.py`), because clients match on them.
 */
export class IronicError extends Error {
  override readonly name: string = 'IronicError'
  readonly status: number
  /** Extra answer headers, such as `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    message: string,
    options: { status?: number; cause?: unknown; headers?: Record<string, string> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status ?? 500
    this.headers = options.headers ?? {}
  }
}

/** Raised while routing: answered in the other body form, without version headers. */
export class RoutingError extends IronicError {
  override readonly name: string = 'RoutingError'
  readonly title: string
  constructor(
    status: number,
    title: string,
    description = '',
    headers: Record<string, string> = {},
  ) {
    super(description, { status, headers })
    this.title = title
  }
}

export class Invalid extends IronicError {
  override readonly name: string = 'Invalid'
  constructor(message = 'Unacceptable parameters.', cause?: unknown) {
    super(message, { status: 400, cause })
  }
}
export class InvalidParameterValue extends Invalid {
  override readonly name = 'InvalidParameterValue'
}
export class MissingParameterValue extends Invalid {
  override readonly name = 'MissingParameterValue'
}
export class UnsupportedDriverExtension extends Invalid {
  override readonly name = 'UnsupportedDriverExtension'
  constructor(driver: string, extension: string) {
    super(`Driver ${driver} does not support ${extension} (disabled or not implemented).`)
  }
}
export class UnsupportedHardwareFeature extends Invalid {
  override readonly name = 'UnsupportedHardwareFeature'
  constructor(node: string, feature: string) {
    super(
      `Node ${node} hardware does not support feature ${feature}, which is required based upon the requested configuration.`,
    )
  }
}
export class InvalidStateRequested extends Invalid {
  override readonly name = 'InvalidStateRequested'
  constructor(action: string, node: string, state: string | null) {
    super(
      `The requested action "${action}" can not be performed on node "${node}" while it is in state "${state ?? 'None'}".`,
    )
  }
}
export class NodeInMaintenance extends Invalid {
  override readonly name = 'NodeInMaintenance'
  constructor(operation: string, node: string) {
    super(
      `The ${operation} operation can't be performed on node ${node} because it's in maintenance mode.`,
    )
  }
}
export class PatchError extends Invalid {
  override readonly name = 'PatchError'
  constructor(patch: string, reason: string) {
    super(`Couldn't apply patch '${patch}'. Reason: ${reason}`)
  }
}

export class Forbidden extends IronicError {
  override readonly name: string = 'Forbidden'
  constructor(message: string) {
    super(message, { status: 403 })
  }
}
export class PolicyForbidden extends Forbidden {
  override readonly name = 'PolicyForbidden'
  constructor(resource: string) {
    super(`Access was denied to the following resource: ${resource}`)
  }
}
/** A token of a scope that a rule is never asked with: upstream does not make it a 403. */
export class InvalidScope extends IronicError {
  override readonly name = 'InvalidScope'
  constructor(rule: string, scopes: readonly string[], scope: string) {
    const wanted = scopes.map((s) => `'${s}'`).join(', ')
    super(`${rule} requires a scope of [${wanted}], request was made with ${scope} scope.`, {
      status: 500,
    })
  }
}
export class OperationNotPermitted extends Forbidden {
  override readonly name = 'OperationNotPermitted'
  constructor() {
    super('Operation not permitted.')
  }
}
export class NodeProtected extends Forbidden {
  override readonly name = 'NodeProtected'
  constructor(node: string) {
    super(`Node ${node} is protected and cannot be undeployed, rebuilt or deleted`)
  }
}

export class NotFound extends IronicError {
  override readonly name: string = 'NotFound'
  constructor(message = 'Resource could not be found.', status = 404) {
    super(message, { status })
  }
}
/** `what` is the capitalised kind as upstream prints it: `Node`, `Port`, `Volume target`, `Rule`. */
export class ObjectNotFound extends NotFound {
  override readonly name: string = 'ObjectNotFound'
  readonly what: string
  constructor(what: string, ident: string | number) {
    super(`${what} ${ident} could not be found.`)
    this.what = what
  }
}
export class DriverNotFound extends NotFound {
  override readonly name = 'DriverNotFound'
  constructor(driver: string) {
    super(`Could not find the following driver(s) or hardware type(s): ${driver}.`)
  }
}
export class NoValidHost extends NotFound {
  override readonly name = 'NoValidHost'
  /** @param status 404, or 400 for the endpoints that re-code it (docs/reference/conductor.md, section 1) */
  constructor(driver: string, group: string, status: 404 | 400 = 404) {
    super(
      `No valid host was found. Reason: No conductor service registered which supports driver ${driver} for conductor group "${group}". Ensure the driver is valid and enabled.`,
      status,
    )
  }
}

export class NotAcceptable extends IronicError {
  override readonly name = 'NotAcceptable'
  constructor(message = 'Request not acceptable.') {
    super(message, { status: 406 })
  }
  static minVersion(minor: number): NotAcceptable {
    return new NotAcceptable(
      `Request not acceptable. The minimal required API version should be 1.${minor}`,
    )
  }
}

export class Conflict extends IronicError {
  override readonly name: string = 'Conflict'
  constructor(message = 'Conflict.', headers: Record<string, string> = {}) {
    super(message, { status: 409, headers })
  }
}
export class NodeLocked extends Conflict {
  override readonly name = 'NodeLocked'
  constructor(
    node: string,
    host: string,
    retryAfterSeconds = 1,
    headers: Record<string, string> = {},
  ) {
    super(
      `Node ${node} is locked by host ${host}, please retry after the current operation is completed.`,
      { 'Retry-After': String(retryAfterSeconds), ...headers },
    )
  }
}
export class InvalidState extends Conflict {
  override readonly name = 'InvalidState'
  constructor(message = 'Invalid resource state.') {
    super(message)
  }
}
export class NodeAssociated extends Conflict {
  override readonly name = 'NodeAssociated'
  constructor(node: string, instance: string) {
    super(`Node ${node} is associated with instance ${instance}.`)
  }
}
export class PowerStateFailure extends Conflict {
  override readonly name = 'PowerStateFailure'
  constructor(state: string) {
    super(`Failed to set node power state to ${state}.`)
  }
}

export class ServerError extends IronicError {
  override readonly name: string = 'ServerError'
  constructor(message = 'An unknown exception occurred.', cause?: unknown) {
    super(message, { status: 500, cause })
  }
}
export class Unavailable extends IronicError {
  override readonly name: string = 'Unavailable'
  constructor(message = 'Resource temporarily unavailable, please retry.', cause?: unknown) {
    super(message, { status: 503, cause })
  }
}
/** The database does not answer now; a client may repeat its request. */
export class DatabaseUnavailable extends IronicError {
  override readonly name = 'DatabaseUnavailable'
  constructor(cause: unknown) {
    const headers = { 'Retry-After': '5' }
    super('Resource temporarily unavailable, please retry.', { status: 503, cause, headers })
  }
}
export class NoFreeConductorWorker extends Unavailable {
  override readonly name = 'NoFreeConductorWorker'
  constructor() {
    super('Requested action cannot be performed due to lack of free conductor workers.')
  }
}
export class ConcurrentActionLimit extends Unavailable {
  override readonly name = 'ConcurrentActionLimit'
  constructor(task: string) {
    super(
      `Unable to process request at this time. The concurrent action limit for ${task} has been reached. Please contact your administrator and try again later.`,
    )
  }
}

/** PostgreSQL's error fields, as both drivers of ours carry them. */
export interface DatabaseFault {
  readonly code: string
  readonly constraint: string | undefined
}

/** The PostgreSQL fault inside an error (drizzle wraps the driver's), or null. */
export function databaseFault(error: unknown): DatabaseFault | null {
  let inQuery = false
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    inQuery ||= e instanceof DrizzleQueryError
    const fields = e as Readonly<Record<string, unknown>> & Error
    const { code, constraint, constraint_name: named } = fields
    if (typeof code !== 'string') continue
    if (isLost(code, inQuery)) return { code: connectionFailure, constraint: undefined }
    if (/^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE') {
      const c = typeof constraint === 'string' ? constraint : named
      return { code, constraint: typeof c === 'string' ? c : undefined }
    }
  }
  return null
}

/** What postgres.js and Node report when the connection to the server fails. */
const lostByDriver = /^(?:CONNECTION_(?:CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT)$/
const lostBySystem =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/

/** SQL's code of a failed connection. */
const connectionFailure = '08006'

/** Node's codes may be of another connection, so they count only for a statement. */
const isLost = (code: string, inQuery: boolean): boolean =>
  lostByDriver.test(code) || (inQuery && lostBySystem.test(code))

/** Folds anything thrown into an error with a status; what is not known becomes a 500. */
export function fromUnknown(error: unknown): IronicError {
  if (error instanceof IronicError) return error
  const fault = databaseFault(error)
  if (fault !== null) return fromDatabase(fault, error)
  return new ServerError(undefined, error)
}

function fromDatabase(fault: DatabaseFault, cause: unknown): IronicError {
  switch (fault.code.slice(0, 2)) {
    case '22': // data exception: too long, out of range, NUL in a string
      return new Invalid(
        'A value is too long, out of range or holds a character that cannot be stored.',
        cause,
      )
    case '40': // serialisation failure, deadlock
    case '53': // insufficient resources
    case '57': // operator intervention, e.g. the server is shutting down
    case '58': // error of the server's system, e.g. of its disk
    case '08': // connection exception
      return new DatabaseUnavailable(cause)
    default:
      return new ServerError(undefined, cause)
  }
}

/** The ramdisk's agent cannot be reached: it is booting, or gone. */
export class AgentConnectionFailed extends ServerError {
  override readonly name = 'AgentConnectionFailed'
  constructor(reason: string, cause?: unknown) {
    super(`Connection to agent failed: ${reason}`, cause)
  }
}
/** The agent is busy with an earlier command. */
export class AgentInProgress extends ServerError {
  override readonly name = 'AgentInProgress'
  constructor(node: string, command: string, error: string) {
    super(
      `Node ${node} command "${command}" failed. Agent is presently executing a command. Error ${error}`,
    )
  }
}
/** The agent refused a command, or does not know it. */
export class AgentAPIError extends ServerError {
  override readonly name = 'AgentAPIError'
  constructor(node: string, status: number, error: string) {
    super(`Agent API for node ${node} returned HTTP status code ${status} with error: ${error}`)
  }
}
/** A command did not end while it was waited for. */
export class AgentCommandTimeout extends ServerError {
  override readonly name = 'AgentCommandTimeout'
  constructor(node: string, command: string) {
    super(`Timeout executing command ${command} on node ${node}`)
  }
}
/** What a ramdisk could not do for a rescue. */
export class InstanceRescueFailure extends ServerError {
  override readonly name = 'InstanceRescueFailure'
  constructor(instance: string | null, node: string, reason: string) {
    super(`Failed to rescue instance ${instance ?? 'None'} for node ${node}: ${reason}`)
  }
}
