import { attachVif, detachVif, listVifs } from '../../../../conductor/operations/vifs.js'
import { Invalid } from '../../../../errors.js'
import { convert } from '../../../args/convert.js'
import type { ApiRequest, Handler } from '../../../request.js'
import { features } from '../states/features.js'
import { noHostIsBadRequest } from '../states/no-host.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

export const list: Handler<operations['nodeVifs.list']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:vif:list', args.node_ident)
  return {
    body: { vifs: await noHostIsBadRequest(() => listVifs(ctx, caller, node.uuid)) },
  }
}

export const attach: Handler<operations['nodeVifs.attach']> = async (request) => {
  const { ctx, caller, args, body } = request
  convert('uuid_or_name', 'id', body.id)
  const node = await checkNodePolicy(request, 'baremetal:node:vif:attach', args.node_ident)
  refuseTwoPlaces(request, body)
  await noHostIsBadRequest(() => attachVif(ctx, caller, node.uuid, body))
  return {}
}

function refuseTwoPlaces<O>(request: ApiRequest<O>, vif: Readonly<Record<string, unknown>>): void {
  const known = features(request, 'VifPlace')
  const given = (name: string) => Object.hasOwn(vif, name) && known(name)
  if (given('port_uuid') && given('portgroup_uuid')) {
    throw new Invalid('Cannot specify both port_uuid and portgroup_uuid')
  }
}

export const detach: Handler<operations['nodeVifs.detach']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:vif:detach', args.node_ident)
  await noHostIsBadRequest(() => detachVif(ctx, caller, node.uuid, args.vif_id))
  return {}
}
