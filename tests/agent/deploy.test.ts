import { describe, expect, it } from 'vitest'
import { timeoutPeriodics } from '../../src/conductor/periodic/timeouts.js'
import type { NodeRow } from '../../src/db/rows.js'
import { agentBed } from './_util/bed.js'
import type { Behaviour } from './_util/sim-agent.js'

const bed = agentBed()

async function deploying(behaviour: Behaviour = {}, values = {}) {
  const node = await bed.node({ instanceInfo: bed.image, ...values })
  const machine = bed.machine(node)
  machine.behaviour = behaviour
  expect((await bed.verb(node, 'active')).status).toBe(202)
  await bed.drain()
  return { node, machine }
}

/** The agent that runs on a machine. */
async function agentOf(machine: ReturnType<typeof bed.machine>) {
  const { agent } = machine
  if (agent === null) throw new Error('no agent was booted')
  if (!agent.running) await agent.start()
  return agent
}

describe('a direct deployment', () => {
  it('boots the agent, has it write the image, and boots the instance', async () => {
    const { node, machine } = await deploying()
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    expect(machine.ramdiskParams).toMatchObject({ 'ipa-api-url': expect.stringMatching(/^http/) })
    const agent = await agentOf(machine)
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    expect(done.powerState).toBe('power on')
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
    expect(done.driverInternalInfo).not.toHaveProperty('agent_secret_token')
    expect(agent.commands.map((c) => c.command_name)).toEqual([
      'get_deploy_steps',
      'execute_deploy_step',
      'get_partition_uuids',
      'install_bootloader',
      'power_off',
    ])
    const write = agent.named('execute_deploy_step')[0]?.params
    expect(write).toMatchObject({
      step: {
        step: 'write_image',
        args: {
          image_info: {
            id: 'disk.raw',
            urls: [bed.image.image_source],
            checksum: bed.image.image_checksum,
            disk_format: 'raw',
            stream_raw_images: true,
            node_uuid: node.uuid,
          },
        },
      },
      deploy_version: { sim: '1.0' },
      node: { uuid: node.uuid, driver_internal_info: { agent_secret_token: '******' } },
    })
  })

  it('sends what a partition image needs, and installs its boot loader', async () => {
    const info = { ...bed.image, image_type: 'partition', root_gb: '10', swap_mb: 512 }
    const { node, machine } = await deploying(
      {
        endings: {
          get_partition_uuids: () => ({
            result: { 'root uuid': 'root-1', 'efi system partition uuid': 'efi-1' },
          }),
          'standby.get_partition_uuids': () => ({
            result: { 'root uuid': 'root-1', 'efi system partition uuid': 'efi-1' },
          }),
        },
      },
      { instanceInfo: info },
    )
    const agent = await agentOf(machine)
    const done = await bed.until(node, 'active')
    const step = agent.named('execute_deploy_step')[0]?.params['step'] as {
      args: { image_info: unknown }
    }
    expect(step.args.image_info).toMatchObject({
      root_mb: 10240,
      swap_mb: 512,
      ephemeral_mb: 0,
      deploy_boot_mode: 'uefi',
      boot_option: 'local',
      disk_label: 'gpt',
      image_type: 'partition',
    })
    expect(agent.named('install_bootloader')[0]?.params).toEqual({
      root_uuid: 'root-1',
      efi_system_part_uuid: 'efi-1',
      prep_boot_part_uuid: null,
      target_boot_mode: 'uefi',
    })
    expect(done.driverInternalInfo).toMatchObject({ root_uuid_or_disk_id: 'root-1' })
  })

  it('runs the steps of the agent among its own, by priority', async () => {
    const { node, machine } = await deploying({
      steps: {
        deploy: [
          { step: 'before', interface: 'deploy', priority: 90 },
          { step: 'after', interface: 'deploy', priority: 70, reboot_requested: true },
          { step: 'never', interface: 'deploy', priority: 0 },
          { step: 'write_image', interface: 'deploy', priority: 0 },
        ],
      },
    })
    const first = await agentOf(machine)
    await bed.until(node, 'active', 20)
    const ran = first
      .named('execute_deploy_step')
      .map((c) => (c.params['step'] as { step: string }).step)
    expect(ran).toEqual(['before', 'write_image', 'after'])
    expect(machine.booted).toEqual(['ramdisk', 'ramdisk', 'instance'])
  })
})

const failing: readonly {
  scenario: string
  behaviour: Behaviour
  error: RegExp
}[] = [
  {
    scenario: 'the image has another checksum',
    behaviour: {
      endings: {
        'deploy.write_image': () => ({
          error: {
            type: 'ImageChecksumError',
            code: 500,
            message: 'Error verifying image checksum',
            details: 'Image failed to verify against checksum. location: /tmp/x; image ID: y',
          },
        }),
      },
    },
    error: /^Deploy step deploy\.write_image failed on node \S+\. Image failed to verify against/,
  },
  {
    scenario: 'the agent cannot get the image to an end',
    behaviour: {
      endings: {
        'deploy.write_image': () => ({
          error: {
            type: 'ImageDownloadError',
            code: 500,
            message: 'Error downloading image',
            details: 'Download of image http://images/disk.raw failed: IncompleteRead',
          },
        }),
      },
    },
    error:
      /^Deploy step deploy\.write_image failed on node \S+\. Download of image http:\/\/images\/disk\.raw failed/,
  },
  {
    scenario: 'no disk is large enough',
    behaviour: {
      endings: {
        'deploy.write_image': () => ({
          error: {
            type: 'DeviceNotFound',
            code: 404,
            message: 'Error finding the disk or partition device to deploy the image onto',
            details:
              'No suitable device was found for deployment - root device hints were not used',
          },
        }),
      },
    },
    error: /^Deploy step deploy\.write_image failed on node \S+\. No suitable device was found/,
  },
  {
    scenario: 'the agent lists no steps',
    behaviour: { endings: { 'deploy.get_deploy_steps': () => ({ result: { deploy_steps: {} } }) } },
    error:
      /^Failed to load in-band deploy steps: agent get_deploy_steps for node \S+ returned an invalid result\. Keys: \{'hardware_manager_version'\} are missing/,
  },
  {
    scenario: 'the boot loader cannot be installed',
    behaviour: {
      endings: {
        'image.install_bootloader': () => ({ error: { type: 'X', details: 'no space for grub' } }),
      },
    },
    error:
      /^Deploy step deploy\.prepare_instance_boot failed: Failed to install a bootloader when deploying node \S+: no space for grub$/,
  },
  {
    scenario: 'the agent does not know a command',
    behaviour: {
      endings: {
        'standby.get_partition_uuids': () => ({
          error: { type: 'TypeError', code: 500, message: 'unexpected argument' },
        }),
      },
    },
    error:
      /^Deploy step deploy\.prepare_instance_boot failed: Agent API for node \S+ returned HTTP status code 500 with error: unexpected argument\.$/,
  },
]

/** Lets the time pass in which a ramdisk must have called. */
async function passTimeout(node: NodeRow): Promise<void> {
  bed.ctx.clock.advance(1801 * 1000)
  for (const periodic of timeoutPeriodics(bed.ctx)) {
    await periodic.run(bed.ctx, new AbortController().signal)
  }
  await bed.drain()
  expect((await bed.state(node)).provisionState).toBe('deploy failed')
}

describe('a deployment fails', () => {
  it.each(failing)('when $scenario, and can be tried again', async ({ behaviour, error }) => {
    const { node, machine } = await deploying(behaviour)
    const failed = await bed.until(node, 'deploy failed')
    expect(failed.lastError).toMatch(error)
    expect(failed.driverInternalInfo).not.toHaveProperty('agent_secret_token')
    await machine.off()
    machine.behaviour = {}
    await bed.verb(node, 'active')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })

  it('when the agent restarts by itself while it writes', async () => {
    const { node, machine } = await deploying({ endings: { 'deploy.write_image': () => 'never' } })
    const agent = await agentOf(machine)
    await bed.turn(node)
    expect(agent.named('execute_deploy_step')).toHaveLength(1)
    const { token } = agent
    // Its medium carried the token, so it is let in; the command it ran is lost.
    agent.commands.length = 0
    expect((await agent.heartbeat()).status).toBe(202)
    await bed.drain()
    const failed = await bed.state(node)
    expect(token).toHaveLength(43)
    expect(failed.provisionState).toBe('deploy failed')
    expect(failed.lastError).toBe(
      `Deploy step deploy.write_image failed on node ${node.uuid}. The agent restarted while the step was running.`,
    )
    expect(failed.powerState).toBe('power off')
  })

  it('when the agent restarted and lost its token: it is kept out, and that is said', async () => {
    const { node, machine } = await deploying()
    const agent = await agentOf(machine)
    await agent.heartbeat()
    await bed.drain()
    const reply = await agent.restart()
    expect(reply.body?.['config']).toMatchObject({ agent_token: '******' })
    expect(agent.locked).toBe(true)
    await passTimeout(node)
    expect((await bed.state(node)).lastError).toBe(
      `Timeout reached while waiting for callback for node ${node.uuid}. Its last call, lookup, was refused: the token of this boot was given out before; the agent has restarted.`,
    )
  })

  it('when the agent stays silent', async () => {
    const { node } = await deploying()
    await passTimeout(node)
    expect((await bed.state(node)).lastError).toBe(
      `Timeout reached while waiting for callback for node ${node.uuid}`,
    )
  })

  it('when the agent has a wrong token, and says so', async () => {
    const { node, machine } = await deploying()
    const agent = await agentOf(machine)
    await agent.heartbeat({ agent_token: 'x'.repeat(43) })
    await passTimeout(node)
    expect((await bed.state(node)).lastError).toBe(
      `Timeout reached while waiting for callback for node ${node.uuid}. Its last call, heartbeat, was refused: Invalid or missing agent token received.`,
    )
    await machine.off()
    await bed.verb(node, 'active')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })
})

describe('between agent and conductor', () => {
  it('does not give a command twice after a cut connection', async () => {
    let cuts = 0
    const { node, machine } = await deploying({
      cut: (method) => method === 'deploy.execute_deploy_step' && cuts++ === 0,
    })
    const agent = await agentOf(machine)
    await bed.until(node, 'active')
    expect(agent.named('execute_deploy_step')).toHaveLength(1)
    expect(cuts).toBe(1)
  })

  it('waits while the agent works on another command', async () => {
    const { node, machine } = await deploying()
    const agent = await agentOf(machine)
    agent.commands.push({
      id: 'x',
      command_name: 'get_deploy_steps',
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
      params: {},
    })
    await agent.heartbeat()
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })

  it('takes the result of a step for that of no other', async () => {
    const { node, machine } = await deploying()
    const agent = await agentOf(machine)
    await bed.turn(node)
    const [write] = agent.commands.filter((c) => c.command_name === 'execute_deploy_step')
    write!.command_status = 'SUCCEEDED'
    write!.command_result = { deploy_step: { interface: 'deploy', step: 'other' } }
    await agent.heartbeat()
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('wait call-back')
    write!.command_result = { deploy_step: { interface: 'deploy', step: 'write_image' } }
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })
})
