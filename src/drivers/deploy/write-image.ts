/** The step in which the agent writes the image (`AgentDeploy.write_image`). */
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { mayAuthenticate } from '../../images/sources/permitted-hosts.js'
import { pythonStr } from '../../python/repr.js'
import { executeAgentStep } from '../agent/steps.js'
import { bootMode, diskLabel } from '../driver-info/boot-mode.js'
import { isTruthy } from '../driver-info/fields.js'
import { infoOf } from '../internal-info.js'
import type { StepResult, Task } from '../interfaces.js'
import { instanceConfigDrive } from './config-drive.js'

const partitionKeys = [
  'kernel',
  'ramdisk',
  'root_gb',
  'root_mb',
  'swap_mb',
  'ephemeral_mb',
  'ephemeral_format',
  'configdrive',
  'preserve_ephemeral',
  'image_type',
  'deploy_boot_mode',
]

/** Has the agent write the image; its heartbeats tell how that goes. */
export async function writeImage(task: Task): Promise<StepResult> {
  if (!(await task.driver.storage.shouldWriteImage(task))) return undefined
  const configdrive = await instanceConfigDrive(task)
  const image = imageInfo(task)
  if (configdrive !== null) image['configdrive'] = configdrive
  const args = { image_info: image, configdrive }
  return await executeAgentStep(task, { interface: 'deploy', step: 'write_image', args }, 'deploy')
}

/** All that the agent must know of the image. @throws InvalidParameterValue */
export function imageInfo(task: Task): JsonObject {
  const { node, ctx } = task
  const info = node.instanceInfo ?? {}
  if (!isTruthy(info['image_url'])) {
    throw new InvalidParameterValue(
      `The image of node ${node.uuid} was not prepared: its instance_info has no image_url.`,
    )
  }
  return {
    id: pythonStr(info['image_source']).split('/').at(-1),
    urls: [info['image_url']],
    disk_format: info['image_disk_format'] ?? null,
    container_format: info['image_container_format'] ?? null,
    stream_raw_images: ctx.config.agent.stream_raw_images,
    ...checksums(info),
    ...logIn(task),
    ...proxies(node.driverInfo ?? {}),
    node_uuid: node.uuid,
    ...(infoOf(node)['is_whole_disk_image'] ? {} : partitions(task, info)),
  }
}

function checksums(info: JsonObject): JsonObject {
  const { image_checksum: checksum, image_os_hash_algo: algo, image_os_hash_value: value } = info
  return {
    ...(isTruthy(checksum) ? { checksum } : {}),
    ...(isTruthy(algo) && isTruthy(value) ? { os_hash_algo: algo, os_hash_value: value } : {}),
  }
}

function logIn({ ctx, node }: Task): JsonObject {
  const { deploy } = ctx.config
  const secret = node.instanceInfo?.['image_request_authorization_secret']
  return {
    ...(deploy.image_server_auth_strategy === 'noauth' ||
    !mayAuthenticate(deploy, pythonStr(node.instanceInfo?.['image_url']))
      ? {}
      : {
          image_server_auth_strategy: deploy.image_server_auth_strategy,
          image_server_user: deploy.image_server_user,
          image_server_password: deploy.image_server_password,
        }),
    ...(typeof secret === 'string' && secret !== ''
      ? { image_request_authorization: Buffer.from(secret).toString('base64') }
      : {}),
  }
}

function proxies(info: JsonObject): JsonObject {
  const { image_http_proxy: http, image_https_proxy: https, image_no_proxy: none } = info
  const found = {
    ...(isTruthy(http) ? { http } : {}),
    ...(isTruthy(https) ? { https } : {}),
  }
  if (Object.keys(found).length === 0) return {}
  return { proxies: found, ...(none === undefined || none === null ? {} : { no_proxy: none }) }
}

function partitions(task: Task, info: JsonObject): JsonObject {
  const label = diskLabel(task)
  return {
    ...Object.fromEntries(partitionKeys.map((key) => [key, info[key] ?? null])),
    deploy_boot_mode: bootMode(task),
    boot_option: 'local',
    ...(label === null ? {} : { disk_label: label }),
  }
}
