// A whole life with the real agent: inspected, cleaned, deployed, rescued, rebuilt, torn down and cleaned again.
import assert from 'node:assert/strict'
import type { Machine } from '../machine.js'
import { configDrive, Operator } from '../operator.js'
import type { Rack } from '../rack.js'
import { bootsInstance, deploys, inspects, runs, type Variant } from './direct.js'

const PASSWORD = 'Letmein-28'

/** A rescued machine lets the user `rescue` in with the password, on its console. */
async function rescues(operator: Operator, machine: Machine): Promise<void> {
  machine.console.mark()
  await operator.verb('rescue', { 'rescue-password': PASSWORD })
  await machine.console.expect(/rack-agent: .*rescued/, 60_000)
  await machine.console.expect(/login:/, 60_000)
  await machine.console.type('rescue')
  await machine.console.expect(/Password:/, 30_000)
  await machine.console.type(PASSWORD)
  await machine.console.type('echo in as $(id -un)')
  await machine.console.expect(/in as rescue/, 60_000)
}

/** The same instance runs again. */
async function unrescues(operator: Operator, machine: Machine, hostname: string): Promise<void> {
  machine.console.mark()
  await operator.verb('unrescue')
  await runs(machine, hostname)
}

async function rebuilds(operator: Operator, machine: Machine, hostname: string): Promise<void> {
  machine.console.mark()
  await operator.verb('rebuild', { 'config-drive': configDrive(hostname) })
  await bootsInstance(machine, hostname)
}

/** Nothing of the instance is left, and the node is free again; fast track leaves the agent running that cleaned it. */
async function isTornDown(operator: Operator, machine: Machine): Promise<void> {
  assert.equal(machine.partitionTable(), 'gpt')
  await operator.verb('undeploy')
  const { provision_state: state, instance_info: info } = await operator.show()
  assert.equal(state, 'available')
  assert.deepEqual(info, {})
  assert.equal(machine.partitionTable(), 'none')
}

/** Fast track keeps the agent running from inspection to deployment; after that it is booted for each thing. */
export async function wholeLife(rack: Rack, variant: Variant): Promise<void> {
  await using machine = await rack.machine({ name: variant.name, firmware: variant.firmware })
  const operator = await Operator.enroll(rack, machine, 'ipmi', {}, { fast_track: 'true' })
  await inspects(operator, machine)
  await operator.verb('provide')
  await deploys(operator, machine, variant.image, 'first')
  await rescues(operator, machine)
  await unrescues(operator, machine, 'first')
  await rebuilds(operator, machine, 'second')
  await isTornDown(operator, machine)
  await operator.timeline()
}
