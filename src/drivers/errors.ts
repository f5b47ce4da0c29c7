import { Invalid, IronicError, NotFound } from '../errors.js'

/** Python's `['a', 'b']`, the form lists have in upstream's texts. */
export const pythonList = (items: readonly string[]): string =>
  `[${items.map((i) => `'${i}'`).join(', ')}]`

/** An implementation that is not enabled or does not exist (upstream's class of that name). */
export class InterfaceNotFoundInEntrypoint extends Invalid {
  override readonly name = 'InterfaceNotFoundInEntrypoint'
  constructor(kind: string, wanted: string, valid: readonly string[]) {
    super(
      `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ${wanted}. Valid interfaces are ${pythonList(valid)}.`,
    )
  }
}

/**
 * An enabled implementation that the hardware type does not list. Upstream prints a Python
 * object here, hence the angle brackets of the name.
 */
export class IncompatibleInterface extends Invalid {
  override readonly name = 'IncompatibleInterface'
  constructor(kind: string, implementation: string, hardwareClass: string) {
    super(
      `${kind} interface implementation '${implementation}' is not supported by hardware type ${hardwareClass}.`,
    )
  }
}

/** Nothing that is enabled can be the default of a kind. */
export class NoValidDefaultForInterface extends Invalid {
  override readonly name = 'NoValidDefaultForInterface'
  constructor(kind: string, hardwareType: string, nodeUuid?: string) {
    const node = nodeUuid === undefined ? '' : ` node ${nodeUuid} with`
    super(
      `For${node} hardware type '${hardwareType}', no default value found for ${kind} interface could be determined. Please ensure the interfaces are enabled.`,
    )
  }
}

/** Start-up: the configuration enables names that do not exist. */
export class DriverNotFoundInEntrypoint extends NotFound {
  override readonly name = 'DriverNotFoundInEntrypoint'
  constructor(entrypoint: string, names: readonly string[]) {
    super(
      `Could not find the following items in the '${entrypoint}' entrypoint: ${names.join(', ')}.`,
    )
  }
}

/** Start-up: a driver package cannot be used. */
export class DriverLoadError extends IronicError {
  override readonly name = 'DriverLoadError'
  constructor(driver: string, reason: string, cause?: unknown) {
    super(`Driver, hardware type or interface ${driver} could not be loaded. Reason: ${reason}.`, {
      cause,
    })
  }
}

/** Start-up: no hardware type is enabled. */
export class NoDriversLoaded extends IronicError {
  override readonly name = 'NoDriversLoaded'
  constructor(host: string) {
    super(`Conductor ${host} cannot be started because no hardware types were loaded.`)
  }
}

/** An error's class, as upstream's texts name it. */
export const errorName = (error: unknown): string =>
  error instanceof Error ? error.name : typeof error

/**
 * A step of a flow failed in a way that says all there is to say: the text becomes `last_error` as
 * it is.
 */
export class StepFailed extends IronicError {
  override readonly name = 'StepFailed'
}

export class InstanceDeployFailure extends IronicError {
  override readonly name = 'InstanceDeployFailure'
}
/** A deployment failed after its ramdisk came (`agent_base.log_and_raise_deployment_error`). */
export class RunningDeployFailure extends InstanceDeployFailure {
  /** False: the machine is off, so there are no logs to collect. */
  readonly ramdiskRuns: boolean
  constructor(message: string, cause: unknown, ramdiskRuns = true) {
    super(message, { cause })
    this.ramdiskRuns = ramdiskRuns
  }
}
export class NodeCleaningFailure extends IronicError {
  override readonly name = 'NodeCleaningFailure'
}
export class NodeServicingFailure extends IronicError {
  override readonly name = 'NodeServicingFailure'
}
export class HardwareInspectionFailure extends IronicError {
  override readonly name = 'HardwareInspectionFailure'
  constructor(error: string, cause?: unknown) {
    super(`Failed to inspect hardware. Reason: ${error}`, { cause })
  }
}
