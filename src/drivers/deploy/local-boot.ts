/** Making what was written boot (`AgentDeploy.prepare_instance_boot`, configure_local_boot). */
import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import { AgentAPIError } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import { commandError, type CommandResult } from '../../protocols/ipa/result.js'
import { agentCommand, longCommand } from '../agent/call.js'
import { setBootDevice, setBootToDisk } from '../boot-device.js'
import { bootMode } from '../driver-info/boot-mode.js'
import { RunningDeployFailure } from '../errors.js'
import { infoOf, setInfo } from '../internal-info.js'
import type { Task } from '../interfaces.js'
import { orFail, prepareInstance } from './agent-steps.js'
import { forgetInstanceImage } from './instance-image.js'

/** The image is on the disk: boot loader, boot device, and what the boot interface has to do. */
export async function prepareWrittenInstance(task: Task): Promise<void> {
  if (!(await task.driver.storage.shouldWriteImage(task))) {
    return await task.driver.boot.prepareInstance(task)
  }
  const partitions = await partitionUuids(task)
  if (task.ctx.config.agent.manage_agent_boot) {
    await configureLocalBoot(task, partitions)
    await prepareInstance(task)
  } else await setBootDevice(task, 'disk', true)
  await forgetInstanceImage(task)
}

interface Partitions {
  readonly root: string | null
  readonly efi: string | null
  readonly prep: string | null
}

async function partitionUuids(task: Task): Promise<Partitions> {
  const { node } = task
  const answer = await agentCommand(task, 'standby.get_partition_uuids', {}, { wait: true })
  const found: JsonObject = answer.command_result ?? {}
  const text = (key: string): string | null => {
    const value = found[key]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const whole = Boolean(infoOf(node)['is_whole_disk_image'])
  const root = text('root uuid')
  if (root !== null) setInfo(node, { root_uuid_or_disk_id: root })
  else if (!whole) {
    task.ctx.log.deploy.error({ node: node.uuid, found }, 'the ramdisk names no root partition')
  }
  const ppc = pythonStr(node.properties?.['cpu_arch']).startsWith('ppc64')
  return {
    root,
    efi: !whole && bootMode(task) === 'uefi' ? text('efi system partition uuid') : null,
    prep: ppc ? text('PReP Boot partition uuid') : null,
  }
}

function hasSoftwareRaid({ node }: Task): boolean {
  const disks = node.targetRaidConfig?.['logical_disks']
  return Array.isArray(disks) && disks.some((d: JsonObject) => d['controller'] === 'software')
}

async function configureLocalBoot(task: Task, found: Partitions): Promise<void> {
  const { node } = task
  const software = hasSoftwareRaid(task)
  const whole = Boolean(infoOf(node)['is_whole_disk_image'])
  const root = software ? raidRoot(task) : found.root
  if (software || (root !== null && !whole) || (whole && bootMode(task) === 'uefi')) {
    await installBootloader(task, { ...found, root }, software)
  }
  await orFail(
    task,
    () => setBootToDisk(task),
    (error) =>
      `Failed to change the boot device to disk when deploying node ${node.uuid}: ${errorText(error)}`,
  )
}

/** On software RAID the agent cannot tell the root file system: the image must say. */
function raidRoot({ node }: Task): string | null {
  const named =
    node.instanceInfo?.['image_rootfs_uuid'] ??
    (node.instanceInfo?.['image_properties'] as JsonObject | undefined)?.['rootfs_uuid'] ??
    infoOf(node)['root_uuid_or_disk_id']
  return typeof named === 'string' ? named : null
}

async function installBootloader(
  task: Task,
  partitions: Partitions,
  software: boolean,
): Promise<void> {
  const result = await install(task, partitions, software)
  if (result.command_status !== 'FAILED') return
  throw new RunningDeployFailure(
    `Failed to install a bootloader when deploying node ${task.node.uuid}: ${commandError(result)}`,
    undefined,
  )
}

/** Agents before 6.0 do not know the boot mode, and then install for BIOS. */
async function install(
  task: Task,
  { root, efi, prep }: Partitions,
  software: boolean,
): Promise<CommandResult> {
  const params = {
    root_uuid: root,
    efi_system_part_uuid: efi,
    prep_boot_part_uuid: prep,
  }
  const mode = bootMode(task)
  const command = 'image.install_bootloader'
  const options = { poll: longCommand(task) }
  try {
    return await agentCommand(task, command, { ...params, target_boot_mode: mode }, options)
  } catch (error) {
    if (!(error instanceof AgentAPIError) || (mode === 'uefi' && software)) throw error
    return await agentCommand(task, command, params, options)
  }
}
