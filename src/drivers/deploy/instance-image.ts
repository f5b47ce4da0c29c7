/** What the agent is told of an instance's image (`deploy_utils.build_instance_info_for_deploy`). */
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python-repr.js'
import { isGlanceImage } from '../driver-info/image.js'
import { partitionLayout } from '../driver-info/layout.js'
import { infoOf } from '../internal-info.js'
import { nothing } from '../support.js'
import type { Task } from '../task.js'

/** Where the agent gets the image from: `http`, `local` or `swift`. */
export const downloadSource = ({ node, ctx }: Task): string =>
  pythonStr(
    node.instanceInfo?.['image_download_source'] ||
      node.driverInfo?.['image_download_source'] ||
      ctx.config.agent.image_download_source,
  )

/**
 * Puts into `instance_info` where the agent finds the image, what it is and how the disk is laid
 * out.
 * @throws InvalidParameterValue, MissingParameterValue
 */
export async function noteInstanceImage(task: Task): Promise<void> {
  const { node } = task
  const info = node.instanceInfo ?? {}
  const source = pythonStr(info['image_source'])
  const found = await locate(task, source)
  node.instanceInfo = { ...info, image_url: null, ...found }
  node.instanceInfo = { ...node.instanceInfo, ...layoutOf(task) }
  await task.save()
}

async function locate(task: Task, source: string): Promise<JsonObject> {
  await Promise.resolve()
  const local = source.startsWith('file://') || downloadSource(task) === 'local'
  if (local || isGlanceImage(source)) {
    throw new InvalidParameterValue(
      `The image ${source} of node ${task.node.uuid} would have to be served by Ferric, which is not supported yet.`,
    )
  }
  return { image_url: source }
}

function layoutOf(task: Task): JsonObject {
  const info = infoOf(task.node)
  if (info['is_source_a_path']) return partitionLayout(task, { image: false })
  if (info['is_whole_disk_image']) return { image_type: 'whole-disk' }
  return { image_type: 'partition', ...partitionLayout(task, { image: true }) }
}

/** Forgets what was put up for the agent: it has the image now, or never will. */
export const forgetInstanceImage: (task: Task) => Promise<void> = nothing
