import { addTraits, removeAllTraits, removeTrait } from '../../../../conductor/operations/traits.js'
import { Invalid, InvalidParameterValue, NotFound } from '../../../../errors.js'
import { gateOperation } from '../../../contract/gate.js'
import type { Handler } from '../../../request.js'
import { firstError } from '../../../validation/json-schema.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { traitsOf } from './queries.js'

const oneOrAll =
  'A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> with no body, or all node traits may be replaced via PUT /v1/nodes/<node identifier>/traits with the list of traits specified in the request body.'

export const list: Handler<operations['nodeTraits.list']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:traits:list', args.node_ident)
  gateOperation(request.operation, request.minor, 'late')
  return { body: { traits: await traitsOf(ctx.db.orm, node.id) } }
}

export const replace: Handler<operations['nodeTraits.replace']> = async (request) => {
  const { ctx, caller, args, body } = request
  const node = await checkNodePolicy(request, 'baremetal:node:traits:set', args.node_ident)
  if (body?.traits === undefined) throw new Invalid(oneOrAll)
  await addTraits(ctx, caller, node.uuid, body.traits as string[], true)
  return {}
}

export const add: Handler<operations['nodeTraits.add']> = async (request) => {
  const { ctx, caller, args, body, contract } = request
  const fault = firstError(args.trait, contract.schema('Trait'))
  if (fault !== null) throw new InvalidParameterValue(`Schema error for trait: ${fault}`)
  const node = await checkNodePolicy(request, 'baremetal:node:traits:set', args.node_ident)
  if (body?.traits !== undefined) throw new Invalid(oneOrAll)
  await addTraits(ctx, caller, node.uuid, [args.trait])
  return { location: `/v1/nodes/${args.node_ident}/traits/${args.trait}` }
}

export const remove: Handler<operations['nodeTraits.remove']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:traits:delete', args.node_ident)
  try {
    await removeTrait(ctx, caller, node.uuid, args.trait)
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
    // The conductor names the node by its internal id, which is nobody's business.
    throw new NotFound(`Node ${node.uuid} doesn't have a trait '${args.trait}'`)
  }
  return {}
}

export const clear: Handler<operations['nodeTraits.clear']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:traits:delete', args.node_ident)
  await removeAllTraits(ctx, caller, node.uuid)
  return {}
}
