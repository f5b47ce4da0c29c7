// Every flow that may boot the agent on a node whose deploy interface is `autodetect`: the flow must
// run on a concrete interface, and the node must have its own again afterwards.
import { describe, expect, it } from 'vitest'
import { agentBed } from './_util/bed.js'
import type { Behaviour } from './_util/sim-agent.js'

const bed = agentBed({
  DEFAULT: {
    enabled_deploy_interfaces: ['autodetect', 'ramdisk', 'direct', 'fake'],
    autodetect_deploy_interfaces: ['ramdisk', 'direct'],
  },
})
const erase = {
  step: 'erase_devices_metadata',
  interface: 'deploy',
  priority: 99,
  reboot_requested: false,
  abortable: true,
}
const behaviour: Behaviour = { steps: { clean: [erase], service: [{ ...erase, priority: 0 }] } }
const own = { deployInterface: 'autodetect' }

async function nodeIn(provisionState: string, more = {}) {
  const node = await bed.node({ ...own, provisionState, ...more })
  const machine = bed.machine(node)
  machine.behaviour = behaviour
  return { node, machine }
}

describe('a node with deploy_interface autodetect', () => {
  it('has its disks cleaned before it is available', async () => {
    const { node, machine } = await nodeIn('manageable')
    await bed.verb(node, 'provide')
    await bed.drain()
    expect(await bed.state(node)).toMatchObject({
      provisionState: 'clean wait',
      deployInterface: 'direct',
    })
    const { agent } = machine
    const done = await bed.until(node, 'available')
    expect(done).toMatchObject({ ...own, lastError: null })
    expect(agent!.named('execute_clean_step')).toHaveLength(1)
    expect(done.driverInternalInfo).not.toHaveProperty('original_deploy_interface')
  })

  it('is cleaned by hand', async () => {
    const { node, machine } = await nodeIn('manageable')
    const { step, interface: kind } = erase
    await bed.verb(node, 'clean', { clean_steps: [{ step, interface: kind }] })
    await bed.drain()
    const { agent } = machine
    expect(await bed.until(node, 'manageable')).toMatchObject({ ...own, lastError: null })
    expect(agent!.named('execute_clean_step')).toHaveLength(1)
  })

  it('gets its own interface back after a failed and after an aborted cleaning', async () => {
    const { node, machine } = await nodeIn('manageable')
    machine.behaviour = {
      ...behaviour,
      endings: { 'deploy.erase_devices_metadata': () => ({ error: { details: 'no' } }) },
    }
    await bed.verb(node, 'provide')
    expect(await bed.until(node, 'clean failed')).toMatchObject(own)
    const { node: second } = await nodeIn('manageable')
    await bed.verb(second, 'provide')
    await bed.drain()
    await bed.verb(second, 'abort')
    await bed.drain()
    expect(await bed.state(second)).toMatchObject({ ...own, provisionState: 'clean failed' })
  })

  it('is deployed, serviced, rescued, torn down and cleaned', async () => {
    const { node, machine } = await nodeIn('available', { instanceInfo: bed.image })
    await bed.verb(node, 'active')
    expect(await bed.until(node, 'active')).toMatchObject({ lastError: null })
    const { step, interface: kind } = erase
    await bed.verb(node, 'service', { service_steps: [{ step, interface: kind }] })
    await bed.drain()
    const servicing = machine.agent
    expect(await bed.until(node, 'active')).toMatchObject({ lastError: null })
    expect(servicing!.named('execute_service_step')).toHaveLength(1)
    await bed.verb(node, 'rescue', { rescue_password: 'secret' })
    expect(await bed.until(node, 'rescue')).toMatchObject({ lastError: null })
    await bed.verb(node, 'deleted')
    await bed.drain()
    const cleaning = machine.agent
    expect(await bed.until(node, 'available')).toMatchObject({ ...own, lastError: null })
    expect(cleaning!.named('execute_clean_step')).toHaveLength(1)
  })

  it('is serviced and rescued where an operator chose autodetect for a node in use', async () => {
    const { node, machine } = await nodeIn('active', { instanceInfo: bed.image })
    const { step, interface: kind } = erase
    await bed.verb(node, 'service', { service_steps: [{ step, interface: kind }] })
    await bed.drain()
    const { agent } = machine
    expect(await bed.until(node, 'active')).toMatchObject({ ...own, lastError: null })
    expect(agent!.named('execute_service_step')).toHaveLength(1)
    await bed.verb(node, 'rescue', { rescue_password: 'secret' })
    expect(await bed.until(node, 'rescue')).toMatchObject({ ...own, lastError: null })
    await bed.verb(node, 'deleted')
    expect(await bed.until(node, 'available')).toMatchObject({ ...own, lastError: null })
  })
})
