import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { JsonObject } from '../../../db/columns.js'
import { MissingParameterValue } from '../../../errors.js'
import { configDriveIso } from '../../../images/configdrive/instance.js'
import { floppyImage } from '../../../images/fat/floppy.js'
import { pythonStr } from '../../../python/repr.js'
import { agentFiles } from '../../boot/media/agent-files.js'
import { agentLine, instanceLine } from '../../boot/media/agent-parameters.js'
import { discName, publishBootIso, removeBootIsos } from '../../boot/media/boot-iso.js'
import { publishFile, unpublish, type Transport } from '../../boot/media/publish.js'
import { publishRemoteImage } from '../../boot/media/remote-image.js'
import { instanceImages } from '../../boot/network/images.js'
import { agentKernelRamdisk } from '../../driver-info/ramdisk.js'
import type { Task } from '../../interfaces.js'
import { agentIso, agentSource, instanceSource, ramdiskMode } from './driver-info.js'

/** The images a machine gets by Redfish, published for its BMC (`image_utils.py`). */

/**
 * Publishes the disc of the agent: a ready-made ISO image, or one built for the node.
 * @returns its URL
 * @throws MissingParameterValue, InvalidParameterValue, ImageCreationFailed
 */
export async function publishAgentDisc(
  task: Task,
  params: JsonObject,
  transport?: Transport,
): Promise<string> {
  const mode = ramdiskMode(task)
  const iso = agentIso(task, mode)
  if (iso !== null) {
    await removeBootIsos(task)
    return await publishRemoteImage(task, iso, { name: discName(task), source: agentSource(task) })
  }
  const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
  if (!kernel || !ramdisk) {
    throw new MissingParameterValue(
      `Unable to find kernel, ramdisk for building ISO, or explicit ISO for ${task.node.uuid}`,
    )
  }
  const publisher = randomUUID()
  const line = agentLine(task, { ...params, ir_pub_id: publisher })
  const files = await agentFiles(task)
  return await publishBootIso(task, { kernel, ramdisk, line, publisher, files }, transport)
}

/** Publishes the disc that is the instance. @returns its URL */
export async function publishInstanceDisc(task: Task, transport?: Transport): Promise<string> {
  const { boot_iso: iso, kernel = '', ramdisk = '' } = await instanceImages(task)
  if (iso === undefined) {
    return await publishBootIso(task, { kernel, ramdisk, line: instanceLine(task) }, transport)
  }
  await removeBootIsos(task)
  const options = { name: discName(task), source: instanceSource(task) }
  return await publishRemoteImage(task, iso, options)
}

const configDrivePrefix = ({ node }: Task): string => `configdrive-${node.uuid}-`
const floppyPrefix = ({ node }: Task): string => `image-${node.uuid}-`

/** Publishes the config drive of an instance. @returns its URL, or null without a drive */
export async function publishConfigDrive(task: Task): Promise<string | null> {
  const drive = await configDriveIso(task.ctx, task.node, task.signal)
  if (drive === null) return null
  const name = `${configDrivePrefix(task)}${randomUUID()}.img`
  return await publishFile(task, name, (path) => writeFile(path, drive))
}

export const removeConfigDrive = (task: Task): Promise<void> =>
  unpublish(task, configDrivePrefix(task))

/** Publishes a floppy that holds the agent's parameters. @returns its URL */
export async function publishParameters(task: Task, params: JsonObject): Promise<string> {
  const lines = Object.entries(params).map(([key, value]) => `${key}=${pythonStr(value)}`)
  const image = floppyImage('parameters.txt', Buffer.from(lines.join('\n')))
  const name = `${floppyPrefix(task)}${randomUUID()}.img`
  return await publishFile(task, name, (path) => writeFile(path, image))
}

export const removeParameters = (task: Task): Promise<void> => unpublish(task, floppyPrefix(task))
