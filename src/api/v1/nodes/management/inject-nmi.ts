import { injectNmi as inject } from '../../../../conductor/operations/nmi.js'
import type { Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

export const injectNmi: Handler<operations['nodeManagement.injectNmi']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:inject_nmi', args.node_ident)
  await inject(ctx, caller, node.uuid)
  return {}
}
