// The rack itself: before it proves anything about Ferric, a machine must obey its BMC.
import assert from 'node:assert/strict'
import { ipmitool, type Rack } from '../rack.js'

/** Power on boots, off ends the machine, the boot device is kept and honoured. */
export async function bmcObeys(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'bare', firmware: 'bios', memoryMb: 256 })
  const boot = async (device: string): Promise<void> => {
    await ipmitool(machine, 'chassis', 'bootdev', device)
    machine.console.mark()
    await ipmitool(machine, 'power', machine.powerIsOn() ? 'reset' : 'on')
  }
  assert.equal(await ipmitool(machine, 'power', 'status'), 'Chassis Power is off')
  await boot('pxe')
  await machine.console.expect(/iPXE/, 60_000)
  assert.equal(await ipmitool(machine, 'power', 'status'), 'Chassis Power is on')
  assert.match(await ipmitool(machine, 'chassis', 'bootparam', 'get', '5'), /Force PXE/)
  await boot('disk')
  await machine.console.expect(/Booting from Hard Disk/, 60_000)
  await ipmitool(machine, 'power', 'off')
  assert.equal(await ipmitool(machine, 'power', 'status'), 'Chassis Power is off')
}
