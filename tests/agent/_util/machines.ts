import type { JsonObject } from '../../../src/db/columns.js'
import type {
  BootInterface,
  ManagementInterface,
  PowerInterface,
  PowerState,
  Task,
} from '../../../src/drivers/interfaces.js'
import { noopManagement } from '../../../src/drivers/management/noop.js'
import type { DriverPackage } from '../../../src/drivers/packages.js'
import { SimAgent, type Behaviour, type CallApi } from './sim-agent.js'

/** A machine: power, what it boots next, and the agent that runs on it. */
export class Machine {
  power: PowerState = 'power off'
  next: 'ramdisk' | 'instance' | 'nothing' = 'nothing'
  ramdiskParams: JsonObject | null = null
  agent: SimAgent | null = null
  /** How often each thing was booted. */
  readonly booted: string[] = []
  /** Boot devices and secure boot, as the BMC was told. */
  readonly told: string[] = []
  /** What the next agents are like. */
  behaviour: Behaviour = {}
  protected readonly uuid: string
  readonly #api: CallApi

  constructor(uuid: string, api: CallApi) {
    this.uuid = uuid
    this.#api = api
  }

  /** What the BMC says; a ramdisk may have switched the machine off. */
  async state(): Promise<PowerState> {
    await Promise.resolve()
    return this.power
  }

  async off(): Promise<void> {
    this.power = 'power off'
    await this.agent?.stop()
    this.agent = null
  }

  async on(): Promise<void> {
    if (this.power === 'power on') return
    this.power = 'power on'
    this.booted.push(this.next)
    if (this.next !== 'ramdisk') return
    await this.bootRamdisk()
  }

  protected async bootRamdisk(): Promise<void> {
    this.agent = new SimAgent(this.uuid, this.#api, this.behaviour, () => void this.off())
    await Promise.resolve()
  }
}

/** Machines by node, and the interfaces that drive them. */
export class Machines {
  readonly #all = new Map<string, Machine>()
  readonly #make: (uuid: string, api: CallApi) => Machine
  api: CallApi = () => Promise.reject(new Error('no API yet'))

  constructor(make = (uuid: string, api: CallApi) => new Machine(uuid, api)) {
    this.#make = make
  }

  of(uuid: string): Machine {
    let machine = this.#all.get(uuid)
    if (machine === undefined) {
      machine = this.#make(uuid, (...args) => this.api(...args))
      this.#all.set(uuid, machine)
    }
    return machine
  }
  async stopAll(): Promise<void> {
    for (const machine of this.#all.values()) await machine.off()
    this.#all.clear()
  }

  package(): DriverPackage {
    const of = (task: Task): Machine => this.of(task.node.uuid)
    const power: PowerInterface = {
      name: 'sim',
      kind: 'power',
      properties: {},
      supportsPowerSync: true,
      supportedPowerStates: () => ['power on', 'power off', 'rebooting'],
      validate: () => Promise.resolve(),
      getPowerState: (task) => of(task).state(),
      async setPowerState(task, target) {
        if (target === 'power on') await of(task).on()
        else await of(task).off()
      },
      async reboot(task) {
        await of(task).off()
        await of(task).on()
      },
    }
    const boot: BootInterface = {
      name: 'sim',
      kind: 'boot',
      properties: {},
      capabilities: ['ramdisk_boot', 'pxe_boot'],
      validate: () => Promise.resolve(),
      validateRescue: () => Promise.resolve(),
      validateInspection: () => Promise.resolve(),
      prepareRamdisk(task, params) {
        Object.assign(of(task), { next: 'ramdisk', ramdiskParams: params })
        return Promise.resolve()
      },
      cleanUpRamdisk(task) {
        if (of(task).next === 'ramdisk') of(task).next = 'nothing'
        return Promise.resolve()
      },
      prepareInstance(task) {
        of(task).next = 'instance'
        return Promise.resolve()
      },
      cleanUpInstance(task) {
        if (of(task).next === 'instance') of(task).next = 'nothing'
        return Promise.resolve()
      },
    }
    /** Boots by other means than the network. */
    const media: BootInterface = { ...boot, name: 'media', capabilities: ['ramdisk_boot'] }
    const management: ManagementInterface = {
      ...noopManagement,
      name: 'sim',
      setBootDevice: (task, device) => Promise.resolve(void of(task).told.push(device)),
      setSecureBootState: (task, on) =>
        Promise.resolve(void of(task).told.push(`secure boot ${on ? 'on' : 'off'}`)),
    }
    return { hardwareTypes: [], interfaces: [power, boot, media, management] }
  }
}
