// Today's way: the `ipmi` hardware type and the real ironic-python-agent take an empty machine to a running one.
import assert from 'node:assert/strict'
import type { Machine, Racked } from '../machine.js'
import { configDrive, imageOf, Operator, pairs, type Options } from '../operator.js'
import type { Firmware } from '../qemu.js'
import type { Rack } from '../rack.js'

const METADATA_ONLY = JSON.stringify([{ interface: 'deploy', step: 'erase_devices_metadata' }])

/** The inventory the agent found is the machine that was racked up. */
export async function inspects(operator: Operator, machine: Machine): Promise<void> {
  await operator.verb('inspect')
  const inventory = await operator.run('inventory', 'save', operator.node)
  assert.ok(inventory.includes(machine.hardware.mac), `no ${machine.hardware.mac} in the inventory`)
  assert.ok(inventory.includes(`${machine.hardware.name}-disk`), 'the disk is in the inventory')
}

/** Deploys `image` with a config drive and waits for the instance to say on its console who it is. */
export async function deploys(
  operator: Operator,
  machine: Racked,
  image: string,
  hostname: string,
): Promise<void> {
  await operator.set({ 'instance-info': pairs(imageOf(operator.rack, image)) })
  machine.console.mark()
  await operator.verb('deploy', { 'config-drive': configDrive(hostname) })
  await bootsInstance(machine, hostname)
}

/** The machine boots from its disk what was written there, and it is this instance. */
export async function bootsInstance(machine: Racked, hostname: string): Promise<void> {
  const from = machine.hardware.firmware === 'bios' ? 'disk-bios' : 'disk-uefi'
  await machine.console.expect(new RegExp(`rack-instance: booted from ${from}`), 180_000)
  await runs(machine, hostname)
}

/** The instance found its config drive and it is the one that was given. */
export async function runs(machine: Racked, hostname: string): Promise<void> {
  const [line] = await machine.console.expect(/rack-instance: meta_data .*\n/, 60_000)
  assert.match(line, new RegExp(`"hostname": *"${hostname}"`))
  assert.match(line, /feedface-0000-4000-8000-000000000001/)
  await machine.console.expect(
    new RegExp(`rack-instance: user_data user-data-of-${hostname}`),
    20_000,
  )
  await machine.console.expect(/rack-instance: up/, 20_000)
}

/** What a scenario is played with. */
export type Variant = {
  name: string
  firmware: Firmware
  image: string
  boot?: string
  options?: Options
}

/** Inspect, clean by hand, provide (which cleans), deploy, run: each with the agent booted anew. */
export async function thorough(rack: Rack, variant: Variant): Promise<void> {
  await using machine = await rack.machine({ name: variant.name, firmware: variant.firmware })
  const options = { 'boot-interface': variant.boot ?? 'ipxe', ...variant.options }
  const operator = await Operator.enroll(rack, machine, 'ipmi', options)
  await inspects(operator, machine)
  await operator.verb('clean', { 'clean-steps': METADATA_ONLY })
  await operator.verb('provide')
  await deploys(operator, machine, variant.image, variant.name)
  await operator.timeline()
}

/** Inspect, provide, deploy in one boot of the agent: fast track keeps it running from inspection to deployment. */
export async function fastTrack(rack: Rack, variant: Variant): Promise<void> {
  await using machine = await rack.machine({ name: variant.name, firmware: variant.firmware })
  const options = { 'boot-interface': variant.boot ?? 'ipxe', ...variant.options }
  const operator = await Operator.enroll(rack, machine, 'ipmi', options, { fast_track: 'true' })
  await inspects(operator, machine)
  await operator.verb('provide')
  await deploys(operator, machine, variant.image, variant.name)
  await operator.timeline()
}
