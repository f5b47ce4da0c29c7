// What comes after the first deployment: rescue, rebuild, tear-down with cleaning.
import assert from 'node:assert/strict'
import { Operator } from '../operator.js'
import type { Machine } from '../machine.js'
import type { Rack } from '../rack.js'
import { deploys, runs } from './direct.js'
import { configDrive } from '../operator.js'

const PASSWORD = 'Letmein-28'

/** A rescued machine lets the user `rescue` in with the password, on its console. */
async function rescued(machine: Machine): Promise<void> {
  await machine.console.expect(/rack-agent: .*rescued/, 60_000)
  await machine.console.expect(/login:/, 60_000)
  await machine.console.type('rescue')
  await machine.console.expect(/Password:/, 30_000)
  await machine.console.type(PASSWORD)
  await machine.console.type('echo in as $(id -un)')
  await machine.console.expect(/in as rescue/, 60_000)
}

/** Deploy, rescue and back, rebuild, delete: the disk is empty and the node free again. */
export async function wholeLife(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'life', firmware: 'bios' })
  const operator = await Operator.enroll(rack, machine, 'ipmi', {}, { fast_track: 'true' })
  await operator.verb('inspect')
  await operator.verb('provide')
  await deploys(operator, machine, 'disk.raw', 'first')
  machine.console.mark()
  await operator.verb('rescue', { 'rescue-password': PASSWORD })
  await rescued(machine)
  machine.console.mark()
  await operator.verb('unrescue')
  await runs(machine, 'first')
  machine.console.mark()
  await operator.verb('rebuild', { 'config-drive': configDrive('second') })
  await runs(machine, 'second')
  await operator.verb('undeploy')
  const { provision_state: state, instance_info: info } = await operator.show()
  assert.equal(state, 'available')
  assert.deepEqual(info, {})
  await operator.timeline()
}
