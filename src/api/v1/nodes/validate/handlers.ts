import { validateInterfaces } from '../../../../conductor/operations/validate.js'
import { Invalid, NotAcceptable } from '../../../../errors.js'
import type { Answer, ApiRequest, Handler } from '../../../request.js'
import { isUuidLike } from '../../../../identifiers.js'
import { checkNodePolicy } from '../access.js'
import { namesExist } from '../names.js'
import type { operations } from './contract.gen.js'

export const query: Handler<operations['nodeValidate.query']> = (request) =>
  validate(request, request.args.node, request.args.node_uuid)

export const show: Handler<operations['nodeValidate.show']> = (request) =>
  validate(request, request.args.node_ident, request.args.node_uuid)

async function validate<O>(
  request: ApiRequest<O>,
  node: string | undefined,
  uuid: string | undefined,
): Promise<Answer> {
  const { ctx, caller, contract, minor } = request
  if (node !== undefined && !isUuidLike(node) && !namesExist(contract, minor)) {
    throw new NotAcceptable()
  }
  const ident = uuid ?? node
  if (ident === undefined) {
    throw new Invalid('Expected a logical name or UUID but received None.')
  }
  const row = await checkNodePolicy(request, 'baremetal:node:validate', ident)
  return { body: await validateInterfaces(ctx, caller, row.uuid) }
}
