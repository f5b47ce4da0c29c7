// A Redfish machine without network boot: the agent comes from a CD that Ferric builds, and its BMC inserts.
import assert from 'node:assert/strict'
import { Operator } from '../operator.js'
import type { Rack } from '../rack.js'
import { RedfishMachine } from '../redfish-machine.js'
import { deploys } from './direct.js'

/** Provide (which cleans), deploy a whole disk, run; at the end no disc is left in the drive. */
export async function virtualMedia(rack: Rack): Promise<void> {
  await using machine = await RedfishMachine.rackUp(rack.dir, 'redfish-vmedia', rack.redfishPython)
  const options = {
    'boot-interface': 'redfish-virtual-media',
    'deploy-interface': 'direct',
    'inspect-interface': 'no-inspect',
  }
  const info = { ...machine.driverInfo, fast_track: 'true' }
  const operator = await Operator.enroll(rack, machine, 'redfish', options, info)
  await operator.verb('provide')
  await deploys(operator, machine, 'disk.raw', 'redfish-vmedia')
  const after = await machine.description()
  assert.ok(!after.includes('.iso'), `a disc is left in the drive:\n${after}`)
  await operator.timeline()
}
