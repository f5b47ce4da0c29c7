// One fake-hardware node from enrollment to deletion, the way an operator drives it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { arg, enroll, moves, refused, show, type Walker } from './walker.js'

const NODE = 'life-1'
const CACHE_STEP = { interface: 'bios', step: 'cache_bios_settings' }
const BIOS_STEP = {
  interface: 'bios',
  step: 'apply_configuration',
  args: { settings: [{ name: 'virtualization', value: 'on' }] },
}
const CORE_STEP = { interface: 'deploy', step: 'deploy', priority: 50, args: {} }
const RESERVED_STEP = { interface: 'power', step: 'power_on', priority: 50, args: {} }

/** enroll → manageable → inspected → cleaned by hand → available. */
export async function enrolToAvailable(walker: Walker): Promise<void> {
  await enroll(walker, NODE)
  await moves(walker, NODE, ['manage'], 'manageable')
  const inspected = await moves(walker, NODE, ['inspect'], 'manageable')
  expect(inspected.inspection_finished_at).not.toBeNull()
  await moves(walker, NODE, ['clean', '--clean-steps', arg([CACHE_STEP, BIOS_STEP])], 'manageable')
  const settings = await walker.cli.json<Record<string, unknown>[]>(
    ...['baremetal', 'node', 'bios', 'setting', 'list', NODE],
  )
  expect(settings).toMatchObject([{ name: 'virtualization', value: 'on' }])
  const free = await moves(walker, NODE, ['provide'], 'available')
  expect(free).toMatchObject({ instance_uuid: null, clean_step: {} })
}

/** Deploys with a config drive as JSON, as a file, and with steps; then rebuilds. */
export async function deployAndRebuild(walker: Walker): Promise<void> {
  const instance = ['--instance-info', 'image_source=http://127.0.0.1/image', '--instance-info']
  await walker.cli.run('baremetal', 'node', 'set', NODE, ...instance, 'root_gb=10')
  const drive = arg({ meta_data: { hostname: 'life' }, user_data: '#!/bin/sh' })
  const active = await moves(walker, NODE, ['deploy', '--config-drive', drive], 'active')
  expect(active).toMatchObject({ deploy_step: {} })
  expect(active.instance_info).toHaveProperty('configdrive')
  await moves(walker, NODE, ['rebuild'], 'active')
  await withDriveFile((file) => moves(walker, NODE, ['rebuild', '--config-drive', file], 'active'))
  await deployWithSteps(walker, 'rebuild')
}

/** Fake hardware has no step of its own to add; those the conductor knows itself came with 1.86. */
async function deployWithSteps(walker: Walker, verb: string): Promise<void> {
  const wrong = ['--deploy-steps', arg([CORE_STEP])]
  const said = await refused(walker, 'node', verb, NODE, ...wrong)
  expect(said).toContain('is a core step and cannot be overridden')
  const right = walker.minor >= 86 ? ['--deploy-steps', arg([RESERVED_STEP])] : []
  await moves(walker, NODE, [verb, ...right], 'active')
}

async function withDriveFile(body: (file: string) => Promise<unknown>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-drive-'))
  try {
    const file = join(dir, 'drive')
    writeFileSync(file, 'H4sIAAAAAAAAAwMAAAAAAAAAAAA=')
    await body(file)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Rescue, and back; a node in rescue refuses a rebuild. */
export async function rescue(walker: Walker): Promise<void> {
  await moves(walker, NODE, ['rescue', '--rescue-password', 'opensesame'], 'rescue')
  const said = await refused(walker, 'node', 'adopt', NODE)
  expect(said).toContain('can not be performed')
  const back = await moves(walker, NODE, ['unrescue'], 'active')
  expect(JSON.stringify(back.instance_info)).not.toContain('opensesame')
}

async function powers(walker: Walker, verb: string[], state: string): Promise<void> {
  await walker.cli.run('baremetal', 'node', ...verb, NODE)
  await expect
    .poll(async () => (await show(walker, NODE)).target_power_state, { timeout: 20_000 })
    .toBeNull()
  expect(await show(walker, NODE)).toMatchObject({ power_state: state, last_error: null })
}

/** Power off, on, reboot, and the soft forms. */
export async function power(walker: Walker): Promise<void> {
  await powers(walker, ['power', 'off'], 'power off')
  await powers(walker, ['power', 'on'], 'power on')
  await powers(walker, ['reboot'], 'power on')
  await powers(walker, ['reboot', '--soft'], 'power on')
  await powers(walker, ['power', 'off', '--soft', '--power-timeout', '30'], 'power off')
  await powers(walker, ['power', 'on'], 'power on')
}

/** Boot device, console, VIFs, vendor passthru: what lies around the node while it is active. */
export async function attachments({ cli }: Walker): Promise<void> {
  const node = (...argv: string[]) => cli.run('baremetal', 'node', ...argv)
  await node('boot', 'device', 'set', NODE, 'pxe', '--persistent')
  const device = await cli.json('baremetal', 'node', 'boot', 'device', 'show', NODE)
  expect(device).toEqual({ boot_device: 'pxe', persistent: false })
  const can = await cli.json('baremetal', 'node', 'boot', 'device', 'show', NODE, '--supported')
  expect(can).toEqual({ supported_boot_devices: 'pxe' })
  await node('console', 'enable', NODE)
  const console = ['baremetal', 'node', 'console', 'show', NODE]
  await expect
    .poll(() => cli.json(...console), { timeout: 20_000 })
    .toEqual({ console_enabled: true, console_info: {} })
  await node('console', 'disable', NODE)
  await expect
    .poll(() => cli.json(...console), { timeout: 20_000 })
    .toMatchObject({
      console_enabled: false,
    })
  await node('vif', 'attach', NODE, 'aaaaaaaa-0000-4000-8000-000000000001')
  expect(await cli.json('baremetal', 'node', 'vif', 'list', NODE)).toEqual([])
  await node('vif', 'detach', NODE, 'aaaaaaaa-0000-4000-8000-000000000001')
}

/** The vendor's methods of the fake hardware: listed, called, refused without their argument. */
export async function passthru(walker: Walker): Promise<void> {
  const rows = await walker.cli.json<Record<string, unknown>[]>(
    ...['baremetal', 'node', 'passthru', 'list', NODE],
  )
  const names = rows.map((row) => row['Name'])
  expect(names).toEqual(expect.arrayContaining(['second_method', 'third_method_sync']))
  const call = ['baremetal', 'node', 'passthru', 'call', NODE]
  await walker.cli.run(...call, 'second_method', '--arg', 'bar=kazoo')
  // The client itself stumbles over an answer that is not an object, after the server gave it.
  const sync = await walker.cli.try(...call, 'third_method_sync', '--arg', 'bar=meow')
  expect(sync.stderr).toBe("'bool' object has no attribute 'items'\n")
  const without = ['third_method_sync', '--arg', 'foo=meow']
  const said = await refused(walker, 'node', 'passthru', 'call', NODE, ...without)
  expect(said).toContain("Parameter 'bar' not passed to method 'third_method_sync'.")
}

/** Undeploy cleans and frees the node, and it deploys again with steps; then it goes. */
export async function undeployAndDelete(walker: Walker): Promise<void> {
  const free = await moves(walker, NODE, ['undeploy'], 'available')
  expect(free).toMatchObject({ instance_info: {}, instance_uuid: null })
  await deployWithSteps(walker, 'deploy')
  expect(await refused(walker, 'node', 'delete', NODE)).toMatch(/HTTP 4\d\d/)
  await moves(walker, NODE, ['undeploy'], 'available')
  await walker.cli.run('baremetal', 'node', 'delete', NODE)
  expect(await refused(walker, 'node', 'show', NODE)).toContain('could not be found')
}
