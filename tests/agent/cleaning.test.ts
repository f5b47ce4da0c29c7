import { describe, expect, it } from 'vitest'
import { agentBed } from './_util/bed.js'
import type { Behaviour } from './_util/sim-agent.js'

const bed = agentBed()
const erase = {
  step: 'erase_devices_metadata',
  interface: 'deploy',
  priority: 99,
  reboot_requested: false,
  abortable: true,
}
const steps = {
  clean: [
    erase,
    { ...erase, step: 'erase_devices', priority: 10 },
    { ...erase, step: 'burnin_cpu', priority: 0 },
    { ...erase, step: 'delete_configuration', interface: 'raid', priority: 0 },
    { ...erase, step: 'create_configuration', interface: 'raid', priority: 0 },
  ],
}

async function manageable(behaviour: Behaviour = { steps }, values = {}) {
  const node = await bed.node({ provisionState: 'manageable', ...values })
  const machine = bed.machine(node)
  machine.behaviour = behaviour
  return { node, machine }
}

const stepNames = (commands: { params: Record<string, unknown> }[]): string[] =>
  commands.map((c) => (c.params['step'] as { step: string }).step)

describe('automated cleaning', () => {
  it("runs the agent's steps by priority, then switches the machine off", async () => {
    const { node, machine } = await manageable()
    await bed.verb(node, 'provide')
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('clean wait')
    const { agent } = machine
    const done = await bed.until(node, 'available')
    expect(done.lastError).toBeNull()
    expect(done.powerState).toBe('power off')
    expect(stepNames(agent!.named('execute_clean_step'))).toEqual([
      'erase_devices_metadata',
      'erase_devices',
    ])
    expect(agent!.named('execute_clean_step')[0]?.params).toMatchObject({
      clean_version: { sim: '1.0' },
      step: { requires_ramdisk: true },
      node: { driver_internal_info: { agent_erase_devices_iterations: 1 } },
    })
  })

  it('fails with the step that failed, in maintenance, with the ramdisk left on', async () => {
    const { node, machine } = await manageable({
      steps,
      endings: {
        'deploy.erase_devices': () => ({
          error: { type: 'BlockDeviceEraseError', details: 'Error erasing /dev/sda' },
        }),
      },
    })
    await bed.verb(node, 'provide')
    const failed = await bed.until(node, 'clean failed')
    const text = `Clean step deploy.erase_devices failed on node ${node.uuid}. Error erasing /dev/sda`
    expect(failed.lastError).toBe(text)
    expect(failed).toMatchObject({
      maintenance: true,
      fault: 'clean failure',
      maintenanceReason: text,
      powerState: 'power on',
    })
    expect(machine.agent).not.toBeNull()
  })

  it('begins again when the agent has other hardware managers', async () => {
    let version = '1.0'
    const { node, machine } = await manageable({
      steps,
      endings: {
        'deploy.erase_devices': () => {
          if (version === '2.0') return undefined
          version = '2.0'
          return { status: 'CLEAN_VERSION_MISMATCH', error: { code: 409, message: 'mismatch' } }
        },
        'clean.get_clean_steps': () => ({
          result: { clean_steps: { Sim: steps.clean }, hardware_manager_version: { sim: version } },
        }),
      },
    })
    await bed.verb(node, 'provide')
    await bed.drain()
    const { agent } = machine
    const done = await bed.until(node, 'available')
    expect(done.lastError).toBeNull()
    expect(stepNames(agent!.named('execute_clean_step'))).toEqual([
      'erase_devices_metadata',
      'erase_devices',
      'erase_devices_metadata',
      'erase_devices',
    ])
    expect(agent!.named('execute_clean_step').at(-1)?.params).toMatchObject({
      clean_version: { sim: '2.0' },
    })
  })

  it('reboots after a step that asks for it, and goes on with a new token', async () => {
    const { node, machine } = await manageable({
      steps: {
        clean: [
          { ...erase, reboot_requested: true },
          { ...erase, step: 'b', priority: 1 },
        ],
      },
    })
    await bed.verb(node, 'provide')
    await bed.drain()
    const first = machine.agent
    const done = await bed.until(node, 'available', 20)
    expect(done.lastError).toBeNull()
    expect(machine.booted.filter((b) => b === 'ramdisk')).toHaveLength(2)
    expect(stepNames(first!.named('execute_clean_step'))).toEqual(['erase_devices_metadata'])
  })
})

describe('manual cleaning', () => {
  const clean = async (node: Parameters<typeof bed.verb>[0], ...names: [string, string][]) =>
    await bed.verb(node, 'clean', {
      clean_steps: names.map(([from, step]) => ({ interface: from, step })),
    })

  it('builds RAID by the agent, and notes what was built', async () => {
    const { node } = await manageable(
      {
        steps,
        endings: {
          'raid.create_configuration': (command) => ({
            result: {
              clean_step: command.params['step'],
              clean_result: {
                logical_disks: [
                  {
                    is_root_volume: true,
                    size_gb: 50,
                    raid_level: '1',
                    root_device_hint: { wwn: 'x' },
                  },
                ],
              },
            },
          }),
        },
      },
      { targetRaidConfig: { logical_disks: [{ size_gb: 50, raid_level: '1' }] } },
    )
    await clean(node, ['raid', 'delete_configuration'], ['raid', 'create_configuration'])
    await bed.drain()
    const done = await bed.until(node, 'manageable')
    expect(done.lastError).toBeNull()
    expect(done.raidConfig).toMatchObject({ logical_disks: [{ size_gb: 50 }] })
    expect(done.properties).toMatchObject({
      local_gb: 50,
      root_device: { wwn: 'x' },
      capabilities: 'raid_level:1',
    })
  })

  it('refuses a step that the agent does not know, once it runs', async () => {
    const { node } = await manageable()
    await clean(node, ['deploy', 'no_such_step'])
    const failed = await bed.until(node, 'clean failed')
    expect(failed.lastError).toMatch(
      /^Node failed to start the first cleaning step: .*does not support this clean step/,
    )
  })

  it('repeats the step, and no other, after a change of hardware managers', async () => {
    let first = true
    const { node, machine } = await manageable({
      steps,
      endings: {
        'deploy.erase_devices': () => {
          if (!first) return undefined
          first = false
          return { status: 'VERSION_MISMATCH', error: { code: 409 } }
        },
      },
    })
    await clean(node, ['deploy', 'burnin_cpu'], ['deploy', 'erase_devices'])
    await bed.drain()
    const { agent } = machine
    const done = await bed.until(node, 'manageable', 20)
    expect(done.lastError).toBeNull()
    expect(stepNames(agent!.named('execute_clean_step'))).toEqual([
      'burnin_cpu',
      'erase_devices',
      'erase_devices',
    ])
  })
})
