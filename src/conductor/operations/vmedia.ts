import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import { unpublish } from '../../drivers/boot/media/publish.js'
import { publishRemoteImage } from '../../drivers/boot/media/remote-image.js'
import { pythonList } from '../../drivers/errors.js'
import { unsupported } from '../../drivers/support.js'
import { Invalid, Unavailable } from '../../errors.js'
import type { NodeWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import type { NodeTask } from '../node/task.js'
import { faults } from '../state/states.js'
import { withNode } from '../node/with-node.js'

export interface VirtualMedium {
  readonly deviceType: string
  readonly imageUrl: string
  /** Whether the BMC loads the image itself (`http`) or from us (`local`, `swift`). */
  readonly imageDownloadSource: 'http' | 'local' | 'swift'
}

/**
 * The virtual media devices of a node.
 * @throws Invalid
 */
export async function getVirtualMedia(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<JsonObject[]> {
  const options = { purpose: 'get virtual media devices', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const { management } = task.driver
    await management.validate(task)
    if (management.getVirtualMedia === undefined) throw unsupported(task, 'get_virtual_media')
    return await management.getVirtualMedia(task)
  })
}

/**
 * Begins to insert an image into a node's virtual drive.
 * @throws NodeLocked, Invalid, Unavailable after a power failure
 */
export async function attachVirtualMedia(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  medium: VirtualMedium,
): Promise<void> {
  const options = { purpose: 'attaching virtual media' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await begin(task, 'attach')
    await task.spawn('attach_virtual_media', { ...medium })
  })
}

/**
 * Begins to eject the media of the devices named, or of all.
 * @throws NodeLocked, Invalid, Unavailable after a power failure
 */
export async function detachVirtualMedia(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
  deviceTypes?: readonly string[],
): Promise<void> {
  const options = { purpose: 'detaching virtual media' }
  await withNode(ctx, caller, nodeUuid, options, async (task) => {
    await begin(task, 'detach')
    await task.spawn('detach_virtual_media', { deviceTypes: deviceTypes ?? null })
  })
}

async function begin(task: NodeTask, action: string): Promise<void> {
  await task.driver.management.validate(task)
  if (task.node.maintenance === true && task.node.fault === faults.power) {
    throw new Unavailable(
      `Unable to ${action} virtual media for node ${task.node.uuid} due to power failure state`,
    )
  }
  task.node.lastError = null
}

export const attachVirtualMediaWork: NodeWork = {
  lock: 'handed',
  method: 'do_attach_virtual_media',
  async run(task, args) {
    const { deviceType, imageUrl, imageDownloadSource } = args as unknown as VirtualMedium
    const { management } = task.driver
    await reporting(
      task,
      `Could not attach device ${deviceType} to node ${task.node.uuid}`,
      async () => {
        if (management.attachVirtualMedia === undefined) {
          throw new Invalid(
            `Publishing images is not supported for driver ${task.node.driver ?? 'None'}`,
          )
        }
        const name = fileName(task, deviceType)
        await unpublish(task, name)
        const options = { name, source: imageDownloadSource }
        const url = await publishRemoteImage(task, imageUrl, options)
        await management.attachVirtualMedia(task, deviceType, url)
      },
    )
  },
}

export const detachVirtualMediaWork: NodeWork = {
  lock: 'handed',
  method: 'detach_virtual_media',
  async run(task, args) {
    const types = args['deviceTypes'] as readonly string[] | null
    const { management } = task.driver
    const named = types === null ? 'None' : pythonList(types)
    await reporting(
      task,
      `Could not detach device(s) ${named} from node ${task.node.uuid}`,
      async () => {
        if (management.detachVirtualMedia === undefined) {
          throw unsupported(task, 'detach_virtual_media')
        }
        const devices = types ?? ['disk', 'cdrom', 'floppy']
        await management.detachVirtualMedia(task, devices)
        for (const device of devices) await unpublish(task, fileName(task, device))
      },
    )
  },
}

/** The name under which an image for a device is published. */
const fileName = (task: NodeTask, device: string): string =>
  `${device.toLowerCase()}-${task.node.uuid}.${device === 'cdrom' ? 'iso' : 'img'}`

async function reporting(task: NodeTask, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    task.signal.throwIfAborted()
    task.recordError(`${what}: ${errorText(error)}`)
  }
}
