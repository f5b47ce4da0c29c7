import {
  callNodeVendorMethod,
  listNodeVendorMethods,
} from '../../../conductor/operations/vendor.js'
import type { Handler } from '../../request.js'
import { checkNodePolicy } from '../nodes/access.js'
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
  const node = await checkNodePolicy(request, rule, args.node_ident)
  const data = vendorArguments(request.body)
  return vendorAnswer(await callNodeVendorMethod(ctx, caller, node.uuid, args.method, method, data))
}
