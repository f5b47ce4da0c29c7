// A machine of libvirt with a Redfish BMC: sushy-tools' emulator with its own libvirt driver.
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from './daemon.js'
import { openLibvirt, redfishAccount, startRedfish, virsh } from './libvirt.js'
import type { Racked } from './machine.js'
import { addAddress, addTap, network } from './network.js'
import type { Hardware } from './qemu.js'
import { SerialConsole } from './serial.js'

const MEMORY_MB = 1536
const DISK_MB = 5120

const domain = ({ name, uuid, mac, tap, memoryMb, dir }: Hardware): string => `
<domain type='qemu'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='MiB'>${memoryMb}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='unsafe' discard='unmap'/>
      <source file='${join(dir, 'disk.raw')}'/>
      <target dev='vda' bus='virtio'/>
      <serial>${name}-disk</serial>
      <boot order='1'/>
    </disk>
    <interface type='ethernet'>
      <mac address='${mac}'/>
      <target dev='${tap}' managed='no'/>
      <model type='virtio'/>
    </interface>
    <serial type='file'><source path='${join(dir, 'serial.log')}' append='on'/></serial>
  </devices>
</domain>`

export class RedfishMachine implements Racked, AsyncDisposable {
  readonly hardware: Hardware
  readonly bmcAddress: string
  readonly console: SerialConsole
  readonly #bmc: Daemon

  private constructor(hardware: Hardware, bmcAddress: string, bmc: Daemon) {
    this.hardware = hardware
    this.bmcAddress = bmcAddress
    this.#bmc = bmc
    const { dir } = hardware
    this.console = new SerialConsole(join(dir, 'serial.log'), join(dir, 'serial.sock'))
  }

  /** A machine with an empty disk, switched off, and its BMC. `python` is the emulator's. */
  static async rackUp(parent: string, name: string, python: string): Promise<RedfishMachine> {
    await openLibvirt(parent)
    const dir = join(parent, name)
    mkdirSync(dir)
    const hardware: Hardware = {
      ...{ name, firmware: 'bios', dir, tap: 'tapredfish', memoryMb: MEMORY_MB },
      ...{ mac: '52:54:00:28:01:01', uuid: '28000000-0000-4000-8000-000000000101' },
    }
    writeFileSync(join(dir, 'disk.raw'), '')
    truncateSync(join(dir, 'disk.raw'), DISK_MB * 1024 * 1024)
    await addTap(hardware.tap)
    const address = `${network.subnet}.201`
    await addAddress(address)
    writeFileSync(join(dir, 'domain.xml'), domain(hardware))
    await virsh('define', join(dir, 'domain.xml'))
    return new RedfishMachine(hardware, address, await startRedfish(python, address, dir))
  }

  /** How Ferric reaches the BMC. */
  get driverInfo(): Record<string, string> {
    const { username, password } = redfishAccount
    return {
      redfish_address: `http://${this.bmcAddress}:8000`,
      redfish_system_id: `/redfish/v1/Systems/${this.hardware.uuid}`,
      redfish_username: username,
      redfish_password: password,
    }
  }

  /** What libvirt says of the machine, its CD among it. */
  description(): Promise<string> {
    return virsh('dumpxml', this.hardware.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await virsh('destroy', this.hardware.name).catch(() => undefined)
    await this.#bmc.kill()
  }
}
