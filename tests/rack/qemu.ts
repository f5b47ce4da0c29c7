// One run of QEMU, from power on to power off, and the arguments of it.
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon } from './daemon.js'
import { Qmp } from './qmp.js'

/** What a machine tries first: the network, or what is on its disk. */
export type BootDevice = 'network' | 'disk' | 'cdrom'

/** `uefi-http` is UEFI firmware that boots from the network by HTTP instead of PXE. */
export type Firmware = 'bios' | 'uefi' | 'uefi-http'

/** The hardware of a machine. */
export type Hardware = {
  name: string
  uuid: string
  firmware: Firmware
  mac: string
  tap: string
  memoryMb: number
  dir: string
}

const OVMF = '/usr/share/OVMF'

function firmwareArgs({ firmware, dir }: Hardware): string[] {
  if (firmware === 'bios') return []
  const vars = join(dir, 'vars.fd')
  if (!existsSync(vars)) copyFileSync(join(OVMF, 'OVMF_VARS_4M.fd'), vars)
  const flash = (unit: number, file: string, more = '') =>
    `if=pflash,format=raw,unit=${unit},file=${file}${more}`
  const off = ['IPv6PXESupport', ...(firmware === 'uefi-http' ? ['IPv4PXESupport'] : [])]
  return [
    ...['-drive', flash(0, join(OVMF, 'OVMF_CODE_4M.fd'), ',readonly=on')],
    ...['-drive', flash(1, vars)],
    ...off.flatMap((name) => ['-fw_cfg', `name=opt/org.tianocore/${name},string=no`]),
  ]
}

/** SeaBIOS and iPXE's ROM serve BIOS; OVMF brings its own driver for the card. */
function nicArgs({ firmware, mac, tap }: Hardware, index: number): string[] {
  const rom = firmware === 'bios' ? '' : ',romfile='
  return [
    ...['-netdev', `tap,id=net,ifname=${tap},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=net,mac=${mac},bootindex=${index}${rom}`],
  ]
}

function diskArgs({ dir, name }: Hardware, index: number): string[] {
  const file = join(dir, 'disk.raw')
  return [
    ...['-drive', `if=none,id=disk,format=raw,cache=unsafe,discard=unmap,file=${file}`],
    ...['-device', `virtio-blk-pci,drive=disk,serial=${name}-disk,bootindex=${index}`],
  ]
}

function serialArgs(dir: string): string[] {
  const log = join(dir, 'serial.log')
  const socket = join(dir, 'serial.sock')
  return [
    ...['-chardev', `socket,id=tty,path=${socket},server=on,wait=off,logfile=${log},logappend=on`],
    ...['-serial', 'chardev:tty'],
  ]
}

/** The command line of a machine that tries `first` first and then the other. */
export function qemuArgs(hardware: Hardware, first: BootDevice): string[] {
  const { dir, uuid, memoryMb } = hardware
  return [
    // Without graphics the firmware writes to the serial console; a reset ends QEMU, so that the next run takes the
    // boot device that was asked for in the meantime.
    ...['-machine', 'q35,accel=tcg,graphics=off', '-m', String(memoryMb), '-uuid', uuid],
    ...['-display', 'none', '-vga', 'none', '-nodefaults', '-action', 'reboot=shutdown'],
    ...['-qmp', `unix:${join(dir, 'qmp.sock')},server=on,wait=off`],
    ...firmwareArgs(hardware),
    ...nicArgs(hardware, first === 'network' ? 1 : 2),
    ...diskArgs(hardware, first === 'network' ? 2 : 1),
    ...serialArgs(dir),
  ]
}

/** A machine that runs. */
export class Qemu {
  readonly #daemon: Daemon
  readonly #qmp: Promise<Qmp | undefined>

  constructor(hardware: Hardware, first: BootDevice) {
    const socket = join(hardware.dir, 'qmp.sock')
    rmSync(socket, { force: true })
    this.#daemon = new Daemon(
      'qemu-system-x86_64',
      qemuArgs(hardware, first),
      join(hardware.dir, 'qemu.log'),
    )
    this.#qmp = Qmp.connect(socket).catch(() => undefined)
  }

  get lives(): boolean {
    return this.#daemon.lives
  }

  /** Resolves when QEMU is gone; true when the machine inside asked for a reset. */
  async resetByGuest(): Promise<boolean> {
    await this.#daemon.ended
    const qmp = await this.#qmp
    qmp?.close()
    return qmp?.stopReason === 'guest-reset'
  }

  /** Presses the power button. */
  async pressButton(): Promise<void> {
    const qmp = await this.#qmp
    qmp?.execute('system_powerdown')
  }

  /** Pulls the plug. */
  kill(): Promise<void> {
    return this.#daemon.kill()
  }
}
