// A machine of the rack: hardware that is off until its BMC is asked to switch it on.
import { closeSync, mkdirSync, openSync, readSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBmc, type Chassis } from './bmc.js'
import type { Daemon } from './daemon.js'
import { addAddress, addTap, network } from './network.js'
import { Qemu, type BootDevice, type Firmware, type Hardware } from './qemu.js'
import { say } from './say.js'
import { SerialConsole } from './serial.js'

/** What an operator and a scenario know of any machine. */
export type Racked = Pick<Machine, 'hardware' | 'bmcAddress' | 'console'>

/** What a scenario asks for. */
export type Wanted = { name: string; firmware: Firmware; memoryMb?: number; diskMb?: number }

const BOOT: Record<string, BootDevice> = { pxe: 'network', cdrom: 'cdrom' }
let count = 0

export class Machine implements Chassis, AsyncDisposable {
  readonly hardware: Hardware
  readonly bmcAddress: string
  readonly console: SerialConsole
  #bmc: Daemon | undefined
  #qemu: Qemu | undefined
  #boot = 'default'

  private constructor(hardware: Hardware, bmcAddress: string) {
    this.hardware = hardware
    this.bmcAddress = bmcAddress
    const { dir } = hardware
    this.console = new SerialConsole(join(dir, 'serial.log'), join(dir, 'serial.sock'))
  }

  /** A machine with an empty disk, switched off, and its BMC; files under `parent`. */
  static async rackUp(parent: string, wanted: Wanted): Promise<Machine> {
    count += 1
    const number = count
    const dir = join(parent, wanted.name)
    mkdirSync(dir)
    const hex = number.toString(16).padStart(2, '0')
    const hardware = {
      ...{ name: wanted.name, firmware: wanted.firmware, dir, tap: `tap${number}` },
      ...{ mac: `52:54:00:28:00:${hex}`, uuid: `28000000-0000-4000-8000-0000000000${hex}` },
      memoryMb: wanted.memoryMb ?? 1280,
    }
    const machine = new Machine(hardware, `${network.subnet}.${100 + number}`)
    machine.emptyDisk(wanted.diskMb ?? 5120)
    await addTap(hardware.tap)
    await addAddress(machine.bmcAddress)
    machine.#bmc = startBmc(machine, machine.bmcAddress, dir)
    return machine
  }

  /** Puts a new empty disk into the machine. */
  emptyDisk(megabytes: number): void {
    const file = join(this.hardware.dir, 'disk.raw')
    writeFileSync(file, '')
    truncateSync(file, megabytes * 1024 * 1024)
  }

  /** What kind of partition table the disk has, as far as its first two blocks tell. */
  partitionTable(): 'none' | 'msdos' | 'gpt' {
    const blocks = Buffer.alloc(1024)
    const disk = openSync(join(this.hardware.dir, 'disk.raw'), 'r')
    readSync(disk, blocks, 0, blocks.length, 0)
    closeSync(disk)
    if (blocks.toString('latin1', 512, 520) === 'EFI PART') return 'gpt'
    return blocks.readUInt16LE(510) === 0xaa55 ? 'msdos' : 'none'
  }

  powerIsOn(): boolean {
    return this.#qemu !== undefined
  }

  async setPower(on: boolean): Promise<void> {
    if (on === this.powerIsOn()) return
    say(this.hardware.name, on ? `power on, boots from ${this.#first()}` : 'power off')
    if (on) this.#run()
    else await this.#stop()
  }

  async reset(): Promise<void> {
    say(this.hardware.name, `reset, boots from ${this.#first()}`)
    await this.#stop()
    this.#run()
  }

  async softOff(): Promise<void> {
    say(this.hardware.name, 'power button')
    await this.#qemu?.pressButton()
  }

  bootDevice(): string {
    return this.#boot
  }

  setBootDevice(device: string): void {
    say(this.hardware.name, `boot device ${device === 'default' ? 'disk' : device}`)
    this.#boot = device
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    await this.#bmc?.kill()
  }

  #first(): BootDevice {
    return BOOT[this.#boot] ?? 'disk'
  }

  #run(): void {
    const qemu = new Qemu(this.hardware, this.#first())
    this.#qemu = qemu
    void this.#watch(qemu)
  }

  async #stop(): Promise<void> {
    const qemu = this.#qemu
    this.#qemu = undefined
    await qemu?.kill()
  }

  /** A machine that resets itself starts again from what the BMC was told meanwhile; one that switched off is off. */
  async #watch(qemu: Qemu): Promise<void> {
    const again = await qemu.resetByGuest()
    if (this.#qemu !== qemu) return
    this.#qemu = undefined
    say(
      this.hardware.name,
      again ? `restarts itself, boots from ${this.#first()}` : 'switched itself off',
    )
    if (again) this.#run()
  }
}
