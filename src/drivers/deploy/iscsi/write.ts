/** Writing an instance to the disk that its deploy ramdisk offers by iSCSI. */
import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { errorText } from '../../../error-text.js'
import type { CachedImage } from '../../../images/cache/cache.js'
import { deployPartitionImage, deployWholeDisk } from '../../../images/disk/deploy.js'
import { openDisk } from '../../../protocols/iscsi/disk.js'
import { pythonStr } from '../../../python/repr.js'
import { instanceCapabilities } from '../../driver-info/capabilities.js'
import { partitionLayout } from '../../driver-info/layout.js'
import { RunningDeployFailure } from '../../errors.js'
import { setInfo } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'
import { instanceConfigDriveIso } from '../config-drive.js'
import { bootsLocally, classicBootMode, isWholeDisk } from './boot.js'
import { targetOf } from './callback.js'
import { withImage } from './image.js'

/** A ramdisk that is silent for so long is gone. */
const silenceMs = 30_000

/**
 * Writes the image and notes how its root is found.
 * @throws RunningDeployFailure which says what went wrong
 */
export async function writeInstance(task: Task): Promise<void> {
  const { node } = task
  try {
    const id = await withImage(task, (image) => write(task, image))
    setInfo(node, { root_uuid_or_disk_id: id })
  } catch (error) {
    task.signal.throwIfAborted()
    const instance = pythonStr(node.instanceUuid ?? node.uuid)
    throw new RunningDeployFailure(
      `Deploy failed for instance ${instance}. Error: ${errorText(error)}`,
      error,
      false,
    )
  }
}

async function write(task: Task, image: CachedImage): Promise<string> {
  const { ctx, node, signal } = task
  const { address: host, port, iqn: target, lun } = targetOf(task)
  const initiator = `iqn.2026-01.org.ferric:${ctx.host.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`
  const dir = join(ctx.config.DEFAULT.state_path, 'filesystems')
  await mkdir(dir, { recursive: true, mode: 0o750 })
  const tell = (what: string) =>
    ctx.log.deploy.info({ node: node.uuid }, `iSCSI deployment: ${what}`)
  const options = { dir, signal, tell }
  await using disk = await openDisk({ host, port, target, initiator, lun, silenceMs, signal })
  if (isWholeDisk(task))
    return await wholeDisk(task, () => deployWholeDisk(disk, image.path, options))
  return await deployPartitionImage(disk, await wanted(task, image), options)
}

async function wholeDisk(task: Task, work: () => Promise<string>): Promise<string> {
  if (task.node.instanceInfo?.['configdrive']) {
    const { uuid: node } = task.node
    task.ctx.log.deploy.warn({ node }, 'an image of a whole disk gets no config drive by iSCSI')
  }
  return await work()
}

async function wanted(task: Task, image: CachedImage) {
  const layout = partitionLayout(task, { image: true })
  const configDrive = await instanceConfigDriveIso(task)
  const local = bootsLocally(task) ? classicBootMode(task) : null
  const label =
    instanceCapabilities(task.node)['disk_label'] ?? (local === 'uefi' ? 'gpt' : 'msdos')
  return {
    image: image.path,
    rootMb: Number(layout['root_mb']),
    swapMb: Number(layout['swap_mb']),
    ephemeralMb: Number(layout['ephemeral_mb']),
    ephemeralFormat: pythonStr(layout['ephemeral_format'] ?? 'ext4'),
    preserveEphemeral: layout['preserve_ephemeral'] === true,
    configDrive,
    configDriveSize: configDrive?.length ?? 0,
    localBoot: local,
    label: label === 'gpt' ? ('gpt' as const) : ('msdos' as const),
  }
}
