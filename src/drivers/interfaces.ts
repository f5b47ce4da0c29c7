import type { Config } from '../config/index.js'
import type { JsonObject } from '../db/columns.js'
import type { NodeRow, PortgroupRow, PortRow } from '../db/rows.js'
import type { ProcessContext } from '../process-context.js'

/**
 * The contract between the conductor and the drivers: what the conductor hands to a driver (`Task`),
 * and what a driver offers (one interface per kind). They refer to each other, so they share a file.
 */

/** The kinds of interface a driver is composed of. */
export const interfaceKinds = [
  'bios',
  'boot',
  'console',
  'deploy',
  'firmware',
  'inspect',
  'management',
  'network',
  'power',
  'raid',
  'rescue',
  'storage',
  'vendor',
] as const
export type InterfaceKind = (typeof interfaceKinds)[number]

export type PowerState = 'power on' | 'power off' | 'error'
export type PowerTarget =
  'power on' | 'power off' | 'rebooting' | 'soft rebooting' | 'soft power off'
export type StepKind = 'clean' | 'deploy' | 'service' | 'verify'
/** A step asks to wait by returning the flow's wait state; nothing means it is done. */
export type StepResult = 'clean wait' | 'wait call-back' | 'service wait' | undefined

export interface StepArgument {
  readonly description: string
  readonly required?: boolean
}

/**
 * What a heartbeat told. `next`: the step is done, or the ramdisk freshly booted; `wait`: it is
 * still busy; `restart`: it offers other steps than before, begin with the first.
 */
export type HeartbeatOutcome = 'next' | 'wait' | 'restart'

/** One step an interface offers (docs/reference/conductor.md, 11.1). */
export interface StepDefinition {
  readonly step: string
  readonly kind: StepKind
  readonly priority: number
  readonly abortable?: boolean
  readonly requiresRamdisk?: boolean
  readonly argsinfo?: Readonly<Record<string, StepArgument>> | null
  /** Does the work. Must be safe to run twice: a crash may have hidden that it ran. */
  run(task: Task, args: JsonObject): Promise<StepResult>
}

/** A step as it stands in a list that is run, and in `driver_internal_info`. */
export interface Step {
  readonly interface: string
  readonly step: string
  readonly priority?: number
  readonly abortable?: boolean
  readonly requires_ramdisk?: boolean
  readonly argsinfo?: unknown
  readonly args?: JsonObject
  readonly [key: string]: unknown
}

/** What every implementation of every kind has. */
export interface BaseInterface {
  /** The name operators enable: `ipmitool`, `no-bios`. */
  readonly name: string
  readonly kind: InterfaceKind
  /** driver_info, properties and instance_info keys it reads: name to help text. */
  readonly properties: Readonly<Record<string, string>>
  /** Checks the node's data without touching hardware. Throws Invalid or a subclass. */
  validate(task: Task): Promise<void>
  /** Steps it offers, of all kinds. */
  readonly steps?: readonly StepDefinition[]
  /** In-band steps known only at run time (agent). */
  runtimeSteps?(task: Task, kind: StepKind): Promise<Step[]>
  /** Runs a step that is not in `steps` (agent). */
  executeStep?(task: Task, step: Step): Promise<StepResult>
  /** What the conductor runs on its nodes again and again. */
  readonly periodics?: readonly InterfacePeriodic[]
}

export interface PowerInterface extends BaseInterface {
  readonly kind: 'power'
  /** Reads the hardware; `null` when it cannot be known (fake after enrolment). */
  getPowerState(task: Task): Promise<PowerState | null>
  /** `power on` of a machine that is on is no error. Waits until the state is reached. */
  setPowerState(task: Task, target: PowerTarget, timeoutSeconds?: number): Promise<void>
  reboot(task: Task, timeoutSeconds?: number): Promise<void>
  supportedPowerStates(task: Task): readonly PowerTarget[]
  readonly supportsPowerSync: boolean
  /** The ramdisk itself switches the machine: its address is forgotten only after that. */
  readonly needsAgent?: boolean
}

export interface BootDevice {
  readonly boot_device: string | null
  readonly persistent: boolean | null
}
export interface IndicatorInfo {
  readonly readonly: boolean
  readonly states: readonly string[]
}

export interface ManagementInterface extends BaseInterface {
  readonly kind: 'management'
  supportedBootDevices(task: Task): Promise<string[]>
  setBootDevice(task: Task, device: string, persistent: boolean): Promise<void>
  getBootDevice(task: Task): Promise<BootDevice>
  supportedBootModes?(task: Task): Promise<string[]>
  setBootMode?(task: Task, mode: string): Promise<void>
  getBootMode?(task: Task): Promise<string | null>
  getSecureBootState?(task: Task): Promise<boolean | null>
  setSecureBootState?(task: Task, state: boolean): Promise<void>
  injectNmi?(task: Task): Promise<void>
  /** component to indicator id to its properties */
  supportedIndicators?(
    task: Task,
    component?: string,
  ): Promise<Record<string, Record<string, IndicatorInfo>>>
  getIndicatorState?(task: Task, component: string, indicator: string): Promise<string>
  setIndicatorState?(task: Task, component: string, indicator: string, state: string): Promise<void>
  getSensorsData?(task: Task): Promise<JsonObject>
  detectVendor?(task: Task): Promise<string | null>
  getHealth?(task: Task): Promise<string | null>
  attachVirtualMedia?(task: Task, deviceType: string, imageUrl: string): Promise<void>
  detachVirtualMedia?(task: Task, deviceTypes: readonly string[]): Promise<void>
  getVirtualMedia?(task: Task): Promise<JsonObject[]>
  getMacAddresses?(task: Task): Promise<string[]>
}

export interface BootInterface extends BaseInterface {
  readonly kind: 'boot'
  readonly capabilities: readonly string[]
  prepareRamdisk(task: Task, ramdiskParams: JsonObject): Promise<void>
  cleanUpRamdisk(task: Task): Promise<void>
  prepareInstance(task: Task): Promise<void>
  cleanUpInstance(task: Task): Promise<void>
  validateRescue?(task: Task): Promise<void>
  validateInspection?(task: Task): Promise<void>
}

export interface DeployInterface extends BaseInterface {
  readonly kind: 'deploy'
  prepare(task: Task): Promise<void>
  tearDown(task: Task): Promise<void>
  cleanUp(task: Task): Promise<void>
  takeOver(task: Task): Promise<void>
  /** Returns the wait state when the ramdisk must call back first. */
  prepareCleaning(task: Task): Promise<'clean wait' | undefined>
  tearDownCleaning(task: Task): Promise<void>
  prepareService(task: Task): Promise<'service wait' | undefined>
  tearDownService(task: Task): Promise<void>
  /**
   * The ramdisk called while the flow waits: asks it how far it is. Throws what the flow fails
   * with; a StepFailed says all there is to say.
   */
  heartbeat?(task: Task): Promise<HeartbeatOutcome>
  /** Keeps the logs of the ramdisk that runs, after a failure; never throws for their sake. */
  collectLogs?(task: Task, label: string | null): Promise<void>
  /** Asks the ramdisk for its steps and keeps them with the node. */
  refreshSteps?(task: Task, kind: 'clean' | 'deploy' | 'service'): Promise<void>
  /** Whether it is meant for the instance as it is: `autodetect` asks. Absent: it is. */
  supportsDeploy?(task: Task): Promise<boolean>
  /**
   * `autodetect` chooses its real implementation here; `task.driver` is another after. Flows restore
   * the node's own with `restoreDeployInterface`.
   */
  switchInterface?(task: Task): Promise<void>
}

/** What a BMC tells of its machine, to be worked on like a ramdisk's data. */
export interface FoundHardware {
  readonly inventory: JsonObject
  readonly pluginData: JsonObject
  /** Names of the hooks that work on it, separated by commas. */
  readonly hooks: string
  /** Properties the node must have in the end. */
  readonly required: readonly string[]
}

export interface InspectInterface extends BaseInterface {
  readonly kind: 'inspect'
  /** The ramdisk's data go through the inspection hooks; then its boot is undone. */
  readonly usesHooks?: boolean
  /**
   * `manageable` when done at once, `inspect wait` when the ramdisk will call, or what was found for
   * the conductor to work on.
   */
  inspectHardware(task: Task): Promise<'manageable' | 'inspect wait' | FoundHardware>
  abort?(task: Task): Promise<void>
  continueInspection?(
    task: Task,
    inventory: JsonObject,
    pluginData: JsonObject,
  ): Promise<'manageable' | 'inspect wait'>
}

export interface RescueInterface extends BaseInterface {
  readonly kind: 'rescue'
  rescue(task: Task): Promise<'rescue' | 'rescue wait'>
  unrescue(task: Task): Promise<'active'>
  cleanUp(task: Task): Promise<void>
}

export interface RaidInterface extends BaseInterface {
  readonly kind: 'raid'
  logicalDiskProperties(): Readonly<Record<string, string>>
  validateRaidConfig(task: Task, config: JsonObject): Promise<void>
  /** The ramdisk has run a step of this interface. @param result what it gave back */
  afterAgentStep?(task: Task, step: Step, result: unknown): Promise<void>
}

export interface BiosInterface extends BaseInterface {
  readonly kind: 'bios'
  /** Reads the settings from the hardware into `bios_settings`. */
  cacheBiosSettings(task: Task): Promise<void>
}

export interface FirmwareInterface extends BaseInterface {
  readonly kind: 'firmware'
  cacheFirmwareComponents(task: Task): Promise<void>
}

export interface ConsoleInterface extends BaseInterface {
  readonly kind: 'console'
  startConsole(task: Task): Promise<void>
  stopConsole(task: Task): Promise<void>
  getConsole(task: Task): Promise<JsonObject>
}

export type NetworkPurpose = 'provisioning' | 'cleaning' | 'rescuing' | 'inspection' | 'servicing'

export interface NetworkInterface extends BaseInterface {
  readonly kind: 'network'
  readonly capabilities: readonly string[]
  portChanged(task: Task, before: PortRow, after: PortRow): Promise<void>
  portgroupChanged(task: Task, before: PortgroupRow, after: PortgroupRow): Promise<void>
  /** The VIF a port or port group carries now; absent: it never carries one. */
  currentVif?(task: Task, port: Pick<PortRow, 'internalInfo'>): string | null
  vifList(task: Task): Promise<{ id: string }[]>
  vifAttach(task: Task, vif: JsonObject): Promise<void>
  vifDetach(task: Task, vifId: string): Promise<void>
  addNetwork(task: Task, purpose: NetworkPurpose): Promise<void>
  removeNetwork(task: Task, purpose: NetworkPurpose): Promise<void>
  configureTenantNetworks(task: Task): Promise<void>
  unconfigureTenantNetworks(task: Task): Promise<void>
  validateRescue?(task: Task): Promise<void>
  validateInspection?(task: Task): Promise<void>
}

export interface StorageInterface extends BaseInterface {
  readonly kind: 'storage'
  attachVolumes(task: Task): Promise<void>
  detachVolumes(task: Task): Promise<void>
  /** Whether the image is written by the deployment (not booted from a volume). */
  shouldWriteImage(task: Task): Promise<boolean>
}

export interface PassthruMethod {
  readonly httpMethods: readonly string[]
  readonly async: boolean
  readonly description: string
  readonly attach: boolean
  readonly requireExclusiveLock: boolean
  /** The flow that waits for the machine is looked after when it has run, as by a heartbeat. */
  readonly resumes?: boolean
  /** Returns the JSON answer of a synchronous method; throws what the client shall see. */
  run(task: Task, args: JsonObject, httpMethod: string): Promise<unknown>
}
/** A driver-level method: no node, no lock. */
export interface DriverPassthruMethod extends Omit<
  PassthruMethod,
  'run' | 'requireExclusiveLock' | 'resumes'
> {
  run(
    args: JsonObject,
    httpMethod: string,
    signal: AbortSignal,
    ctx: ProcessContext,
  ): Promise<unknown>
}

export interface VendorInterface extends BaseInterface {
  readonly kind: 'vendor'
  readonly nodeMethods: Readonly<Record<string, PassthruMethod>>
  readonly driverMethods: Readonly<Record<string, DriverPassthruMethod>>
  validateMethod(task: Task, method: string, args: JsonObject): Promise<void>
}

/** One implementation of each kind, chosen for a node. */
export interface Driver {
  readonly bios: BiosInterface
  readonly boot: BootInterface
  readonly console: ConsoleInterface
  readonly deploy: DeployInterface
  readonly firmware: FirmwareInterface
  readonly inspect: InspectInterface
  readonly management: ManagementInterface
  readonly network: NetworkInterface
  readonly power: PowerInterface
  readonly raid: RaidInterface
  readonly rescue: RescueInterface
  readonly storage: StorageInterface
  readonly vendor: VendorInterface
}

/** A working copy of the row: change fields, then `save`. */
export type MutableNode = { -readonly [K in keyof NodeRow]: NodeRow[K] }

/**
 * Work on one node. Driver methods get one; the conductor makes them. With `shared` false the
 * node is reserved for this task and may be changed.
 */
export interface Task {
  readonly ctx: ProcessContext
  readonly node: MutableNode
  readonly driver: Driver
  readonly shared: boolean
  /** Aborted when the work is cancelled or its deadline has passed. */
  readonly signal: AbortSignal
  /** Periodic work: nobody waits for it, and a BMC in trouble need not be asked. */
  readonly unattended: boolean
  /**
   * Changes the power state the way flows do, with volumes, child nodes and `last_error`
   * (docs/reference/conductor.md, 3.2). What the power implementation itself does is `driver.power`.
   */
  powerAction(target: PowerTarget, timeoutSeconds?: number): Promise<void>
  /** Writes the columns changed since the row was read; sets `updated_at`. */
  save(): Promise<void>
  /** Composes the driver again after an interface column or `instance_info` changed. */
  resetDriver(): void
  /**
   * Returns the enabled deploy implementation with this name.
   * @throws InterfaceNotFoundInEntrypoint when it is not enabled
   */
  deployInterface(name: string): DeployInterface
  ports(): Promise<PortRow[]>
  portgroups(): Promise<PortgroupRow[]>
  traits(): Promise<string[]>
}

/** The flow of steps whose asynchronous step an implementation watches. */
export interface FlowControl {
  /** The step is over: the flow goes on with the next one. The task is handed over. */
  resume(): Promise<void>
  /** The step failed: the flow ends in its failure state with this text. */
  fail(text: string): Promise<void>
}

/**
 * Runs `work` with the node reserved and read again. Nothing runs, and nothing is thrown, when the
 * node is locked or `filter` no longer holds: the next round comes. What `work` changed is saved.
 */
export type Reserve = (work: (task: Task, flow: FlowControl) => Promise<void>) => Promise<void>

/**
 * Work on all nodes of an implementation again and again: mostly polling what runs in the machine
 * by itself (firmware, RAID, BIOS tasks) and going on with the flow when it is done. Each node is
 * visited by the one conductor the ring names, at most `[conductor] periodic_max_workers` at once,
 * never a reserved node.
 */
export interface InterfacePeriodic {
  readonly name: string
  /** Seconds between two rounds, from Ironic's option; 0 or less: never. */
  interval(config: Config): number
  /** Only nodes in these provision states; absent: all. */
  readonly states?: readonly string[]
  /** Nodes in maintenance, too. */
  readonly inMaintenance?: boolean
  /** Whether there is something to do, from the row alone: no hardware, no database. */
  filter(node: Readonly<NodeRow>): boolean
  /** Reads the machine without a lock, and takes it with `reserve` only when something changed. */
  run(task: Task, reserve: Reserve): Promise<void>
}
