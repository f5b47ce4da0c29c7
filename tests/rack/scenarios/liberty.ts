// The ways of the Liberty release: `agent_ipmitool` with its vendor passthru calls, and `pxe_ipmitool` with the bash
// ramdisk, which offers the disk by iSCSI and waits on port 10000.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../machine.js'
import { configDrive, imageOf, Operator, pairs, ramdiskOf } from '../operator.js'
import type { Rack } from '../rack.js'
import { runs } from './direct.js'

/** Servers of that time knew MD5 only. */
function md5Of(rack: Rack, name: string): Record<string, string> {
  const checksum = createHash('md5').update(readFileSync(join(rack.imagesDir, name)))
  return { ...imageOf(rack, name), image_checksum: checksum.digest('hex') }
}

/** The classic agent driver: look-up and heartbeats by vendor passthru, prepare_image, power off, power on. */
export async function agentIpmitool(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'classic', firmware: 'bios' })
  const operator = await Operator.enroll(rack, machine, 'agent_ipmitool')
  await operator.verb('provide')
  await operator.set({ 'instance-info': pairs(md5Of(rack, 'disk.raw')) })
  machine.console.mark()
  await operator.verb('deploy', { 'config-drive': configDrive('classic') })
  await machine.console.expect(/rack-liberty: looked up/, 1000)
  await machine.console.expect(/rack-instance: booted from disk-bios/, 180_000)
  await runs(machine, 'classic')
  await operator.timeline()
}

async function enrollPxe(rack: Rack, machine: Machine): Promise<Operator> {
  const operator = await Operator.enroll(rack, machine, 'pxe_ipmitool', {}, ramdiskOf(rack, 'bash'))
  // The bash ramdisk knows nothing of cleaning.
  await operator.run('set', operator.node, '--no-automated-clean')
  await operator.verb('provide')
  return operator
}

/** The ramdisk's whole conversation, on its console. */
async function converses(machine: Machine): Promise<void> {
  await machine.console.expect(
    /rack-ramdisk: target iqn\.2008-10\.org\.openstack:\S+ on \/dev/,
    5_000,
  )
  await machine.console.expect(/rack-ramdisk: post pass_deploy_info/, 5_000)
  await machine.console.expect(/rack-ramdisk: told: done/, 30_000)
}

async function partitionImage(
  rack: Rack,
  operator: Operator,
  boot: 'local' | 'netboot',
): Promise<void> {
  const kernel = `${rack.images.url}/vmlinuz`
  const info = {
    ...md5Of(rack, 'partition.raw'),
    kernel,
    ramdisk: `${rack.images.url}/instance.initramfs`,
    root_gb: '1',
    swap_mb: '64',
    capabilities: JSON.stringify({ boot_option: boot }),
  }
  await operator.set({ 'instance-info': pairs(info) })
}

/** A partition image by iSCSI whose kernel goes on coming from the network. */
export async function pxeNetBoot(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'netboot', firmware: 'bios', memoryMb: 512 })
  const operator = await enrollPxe(rack, machine)
  await partitionImage(rack, operator, 'netboot')
  machine.console.mark()
  await operator.verb('deploy', { 'config-drive': configDrive('netboot') })
  await converses(machine)
  await machine.console.expect(/rack-instance: root UUID=/, 120_000)
  await runs(machine, 'netboot')
  await operator.timeline()
}

/** A partition image by iSCSI that boots from its disk: the ramdisk installs a loader and says so. */
export async function pxeLocalBoot(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'local', firmware: 'bios', memoryMb: 512 })
  const operator = await enrollPxe(rack, machine)
  await operator.set({ property: 'capabilities=boot_mode:bios,boot_option:local' })
  await partitionImage(rack, operator, 'local')
  machine.console.mark()
  await operator.verb('deploy', { 'config-drive': configDrive('local') })
  await converses(machine)
  await machine.console.expect(/rack-ramdisk: loader SUCCEEDED/, 5_000)
  await machine.console.expect(/rack-instance: booted from local/, 120_000)
  await runs(machine, 'local')
  await operator.timeline()
}

/** A whole-disk image by iSCSI. */
export async function pxeWholeDisk(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'wholedisk', firmware: 'bios', memoryMb: 512 })
  const operator = await enrollPxe(rack, machine)
  await operator.set({ 'instance-info': pairs(md5Of(rack, 'disk.raw')) })
  machine.console.mark()
  await operator.verb('deploy')
  await converses(machine)
  await machine.console.expect(/rack-instance: booted from disk-bios/, 180_000)
  await operator.timeline()
}
