import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { pythonRepr, pythonStr } from '../../python/repr.js'
import type { MutableNode, Task } from '../interfaces.js'
import { isTruthy, requireParams } from './fields.js'
import { isUuidLike } from '../../identifiers.js'

/** Whether an image reference names an image of Glance. */
export const isGlanceImage = (href: string): boolean =>
  href.startsWith('glance://') || isUuidLike(href)

/**
 * Checks the image of an instance that is to be written to disk (`AgentDeploy.validate`).
 * @throws MissingParameterValue, InvalidParameterValue
 */
export function validateInstanceImage(task: Task): void {
  const { node } = task
  const info = node.instanceInfo ?? {}
  requireParams(
    { 'instance_info.image_source': info['image_source'] },
    `Node ${node.uuid} failed to validate deploy image info. Some parameters were missing`,
  )
  const source = pythonStr(info['image_source'])
  const type = info['image_type']
  if (isTruthy(type) && type !== 'partition' && type !== 'whole-disk') {
    throw new InvalidParameterValue(
      `Invalid image_type "${pythonStr(type)}", valid are partition, whole-disk`,
    )
  }
  const checked = isGlanceImage(source) || /^(file|oci):\/\//.test(source)
  if (!checked) requireChecksum(node)
  validateDownload(task, source)
  validateProxies(node)
}

function requireChecksum(node: MutableNode): void {
  const info = node.instanceInfo ?? {}
  const algo = isTruthy(info['image_os_hash_algo'])
  const value = isTruthy(info['image_os_hash_value'])
  if (algo === value && (value || isTruthy(info['image_checksum']))) return
  throw new MissingParameterValue(
    `image_source's "image_checksum", or "image_os_hash_algo" and "image_os_hash_value" must be provided in instance_info for node ${node.uuid}`,
  )
}

function validateDownload(task: Task, source: string): void {
  const { node } = task
  const { deploy, agent } = task.ctx.config
  const from =
    node.instanceInfo?.['image_download_source'] ??
    node.driverInfo?.['image_download_source'] ??
    agent.image_download_source
  if (from !== 'swift' && from !== 'http' && from !== 'local') {
    throw new InvalidParameterValue(
      `Invalid value for image_download_source: "${pythonStr(from)}". Valid values are swift, http or local.`,
    )
  }
  const elsewhere =
    !source.startsWith('file://') &&
    from !== 'local' &&
    (!isGlanceImage(source) || from === 'swift')
  if (elsewhere) return
  requireParams(
    {
      '[deploy]http_url': deploy.http_url,
      '[deploy]http_root': deploy.http_root,
      '[deploy]http_image_subdir': deploy.http_image_subdir,
    },
    `Node ${node.uuid} failed to validate http provisioning. Some configuration options were missing`,
  )
}

function validateProxies(node: MutableNode): void {
  const info = node.driverInfo ?? {}
  const invalid = Object.fromEntries(
    ['image_http_proxy', 'image_https_proxy']
      .map((key) => [key, info[key]] as const)
      .filter(([, url]) => isTruthy(url) && !hasHttpScheme(pythonStr(url))),
  )
  let message = ''
  if (Object.keys(invalid).length > 0) {
    message += `Proxy URL should either have HTTP(S) scheme or no scheme at all, the following URLs are invalid: ${pythonRepr(invalid)}.`
  }
  const noProxy = info['image_no_proxy']
  if (noProxy !== undefined && noProxy !== null && !isNoProxy(noProxy)) {
    message += `image_no_proxy should be a list of host names, IP addresses or domain names to exclude from proxying, the specified list ${pythonStr(noProxy)} is incorrect. To denote a domain name, prefix it with a dot (instead of e.g. '.*').`
  }
  if (message !== '') throw new InvalidParameterValue(message)
}

function hasHttpScheme(url: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  return scheme === undefined || scheme === 'http' || scheme === 'https'
}

const label = /^(?!-)[a-z\d-]{1,63}(?<!-)$/i

function isNoProxy(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const hosts = value.split(',').map((item) => item.trim().split(':')[0] ?? '')
  return hosts
    .filter((host) => host !== '')
    .every((host) => {
      const name = host.startsWith('.') ? host.slice(1) : host
      const longest = name === host ? 253 : 251
      return name.length <= longest && name.split('.').every((part) => label.test(part))
    })
}
