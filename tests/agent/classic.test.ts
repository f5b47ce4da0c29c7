import { describe, expect, it } from 'vitest'
import { ports } from '../../src/db/schema/index.js'
import { agentBed } from './_util/bed.js'
import type { SimAgent } from './_util/sim-agent.js'

const bed = agentBed({
  DEFAULT: {
    enabled_hardware_types: ['fake-hardware', 'fake_agent'],
    enabled_deploy_interfaces: ['direct', 'classic-agent', 'fake'],
    enabled_vendor_interfaces: ['no-vendor', 'fake', 'agent-passthru'],
  },
})
const mac = '52:54:00:00:20:15'
const inventory = { interfaces: [{ name: 'eth0', mac_address: mac.toUpperCase() }] }

async function booted(vendorInterface = 'agent-passthru') {
  const node = await bed.node({
    deployInterface: 'classic-agent',
    vendorInterface,
    driverInfo: { ipmi_password: 'secret' },
    instanceInfo: bed.image,
  })
  await bed.ctx.db.orm
    .insert(ports)
    .values({ uuid: node.uuid, address: mac, nodeId: node.id })
    .onConflictDoUpdate({ target: ports.address, set: { nodeId: node.id } })
  const machine = bed.machine(node)
  expect((await bed.verb(node, 'active')).status).toBe(202)
  await bed.drain()
  return { node, machine }
}

/** Starts the agent's API without today's lookup. */
async function listening(agent: SimAgent | null): Promise<SimAgent> {
  if (agent === null) throw new Error('no agent was booted')
  await agent.listen()
  return agent
}

const beat = async (uuid: string, agent: SimAgent) => {
  const reply = await bed.send('POST', `/v1/nodes/${uuid}/vendor_passthru/heartbeat`, {
    body: { agent_url: agent.url },
  })
  await bed.drain()
  return reply
}

describe('an agent of 2015', () => {
  it('finds its node, writes the image and boots the instance', async () => {
    const { node, machine } = await booted()
    expect(machine.ramdiskParams).toMatchObject({ 'ipa-driver-name': 'fake-hardware' })
    const found = await bed.send('POST', '/v1/drivers/fake_agent/vendor_passthru/lookup', {
      body: { version: '2', inventory },
    })
    expect(found.status).toBe(200)
    expect(found.body).toMatchObject({
      heartbeat_timeout: 300,
      node: { uuid: node.uuid, driver_info: { ipmi_password: '******' } },
    })
    const agent = await listening(machine.agent)
    expect((await beat(node.uuid, agent)).status).toBe(202)
    expect(agent.named('prepare_image')[0]?.params).toEqual({
      image_info: {
        id: 'disk.raw',
        urls: [bed.image.image_source],
        checksum: bed.image.image_checksum,
        disk_format: 'raw',
        container_format: null,
      },
    })
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    await beat(node.uuid, agent)
    const done = await bed.state(node)
    expect(done.lastError).toBeNull()
    expect(done.provisionState).toBe('active')
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
  })

  it('fails with what the agent says', async () => {
    const { node, machine } = await booted()
    machine.behaviour = {}
    const agent = await listening(machine.agent)
    await beat(node.uuid, agent)
    const [command] = agent.named('prepare_image')
    Object.assign(command!, { command_status: 'FAILED', command_error: { details: 'bad md5' } })
    await beat(node.uuid, agent)
    expect((await bed.state(node)).lastError).toBe(
      `node ${node.uuid} command status errored: bad md5`,
    )
  })

  it.each([
    [{}, 400, 'Missing parameter version'],
    [{ version: '1' }, 400, 'Unknown lookup payload version: 1'],
    [{ version: '2', inventory: {} }, 400, 'Malformed network interfaces lookup: None'],
    [
      { version: '2', inventory: { interfaces: [{ mac_address: '52:54:00:ff:ff:ff' }] } },
      404,
      "No ports matching the given MAC addresses ['52:54:00:ff:ff:ff']exist in the database.",
    ],
  ])('is refused with %j', async (body, status, text) => {
    const reply = await bed.send('POST', '/v1/drivers/fake_agent/vendor_passthru/lookup', { body })
    expect([reply.status, reply.fault]).toEqual([status, text])
  })
})
