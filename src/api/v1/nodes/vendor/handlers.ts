import {
  callNodeVendorMethod,
  listNodeVendorMethods,
} from '../../../../conductor/operations/vendor.js'
import { tellingRefusal } from '../../../../conductor/ramdisk/refused-calls.js'
import { ramdiskNodeMethods } from '../../../auth/public-paths.js'
import type { NodeRow } from '../../../../db/rows.js'
import type { ApiRequest, Handler } from '../../../request.js'
import { checkNodePolicy, lookUp } from '../access.js'
import { findNode } from '../queries.js'
import { requireEnabled } from '../../ramdisk/handlers.js'
import { vendorAnswer, vendorArguments } from './answer.js'
import type { operations } from './contract.gen.js'

const rule = 'baremetal:node:vendor_passthru'

export const methods: Handler<operations['nodeVendor.methods']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, rule, args.node_ident)
  return { body: await listNodeVendorMethods(ctx, caller, node.uuid) }
}

export const call: Handler<operations['nodeVendor.call']> = async (request) => {
  const { ctx, caller, args, method } = request
  const isRamdisk = ramdiskNodeMethods.has(args.method)
  const { uuid } = isRamdisk
    ? await nodeOfRamdisk(request, args.node_ident, args.method)
    : await checkNodePolicy(request, rule, args.node_ident)
  const data = vendorArguments(request.body)
  const run = () => callNodeVendorMethod(ctx, caller, uuid, args.method, method, data)
  return vendorAnswer(await (isRamdisk ? tellingRefusal(ctx, uuid, args.method, run) : run()))
}

/** A ramdisk is nobody: what it sends must prove itself, as a heartbeat does. */
function nodeOfRamdisk(
  request: ApiRequest<operations['nodeVendor.call']>,
  ident: string,
  method: string,
): Promise<NodeRow> {
  requireEnabled(request, `/v1/nodes/${ident}/vendor_passthru/${method}`)
  request.auth.authorize('baremetal:node:ipa_heartbeat')
  return lookUp(request, ident, (i) => findNode(request.ctx.db.orm, i))
}
