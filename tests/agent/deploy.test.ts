import { describe, expect, it } from 'vitest'
import { agentBed, image } from './_util/bed.js'

const bed = agentBed()

describe('a direct deployment', () => {
  it('boots the agent, has it write the image, and boots the instance', async () => {
    const node = await bed.node({ instanceInfo: image })
    const machine = bed.machine(node)
    expect((await bed.verb(node, 'active')).status).toBe(202)
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    expect(machine.ramdiskParams).toMatchObject({ 'ipa-api-url': expect.stringMatching(/^http/) })
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    expect(done.powerState).toBe('power on')
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
    expect(done.driverInternalInfo).not.toHaveProperty('agent_secret_token')
  })
})
