import {
  attachVirtualMedia,
  detachVirtualMedia,
  getVirtualMedia,
} from '../../../../conductor/operations/vmedia.js'
import { Invalid } from '../../../../errors.js'
import type { Handler } from '../../../request.js'
import { noHostIsBadRequest } from '../states/no-host.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

/** Where an image may come from (upstream: `common/image_publisher.py`). */
const schemes = ['http', 'https', 'nfs', 'cifs', 'smb']
const devices = ['disk', 'cdrom', 'floppy']

export const show: Handler<operations['nodeVmedia.show']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:vmedia:get', args.node_ident)
  return { body: await noHostIsBadRequest(() => getVirtualMedia(ctx, caller, node.uuid)) }
}

export const attach: Handler<operations['nodeVmedia.attach']> = async (request) => {
  const { ctx, caller, args, body } = request
  const scheme = schemeOf(body.image_url)
  if (!schemes.includes(scheme)) {
    throw new Invalid(`Unsupported or missing URL scheme: ${scheme}`)
  }
  const node = await checkNodePolicy(request, 'baremetal:node:vmedia:attach', args.node_ident)
  const medium = {
    deviceType: body.device_type,
    imageUrl: body.image_url,
    imageDownloadSource: body.image_download_source ?? 'local',
  } as const
  await noHostIsBadRequest(() => attachVirtualMedia(ctx, caller, node.uuid, medium))
  return {}
}

/** As Python's `urlparse`. */
const schemeOf = (url: string): string =>
  (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase()

export const detach: Handler<operations['nodeVmedia.detach']> = async (request) => {
  const { ctx, caller, args } = request
  const types = args.device_types ?? []
  const unknown = types.filter((t) => !devices.includes(t))
  if (unknown.length > 0) {
    throw new Invalid(
      `Invalid device type(s) ${unknown.join(', ')} (valid are ${devices.join(', ')})`,
    )
  }
  const node = await checkNodePolicy(request, 'baremetal:node:vmedia:detach', args.node_ident)
  await noHostIsBadRequest(() => detachVirtualMedia(ctx, caller, node.uuid, args.device_types))
  return {}
}
