import { Invalid } from '../../../errors.js'
import type { Handler } from '../../request.js'
import { classicError } from '../../validation/json-schema.js'
import { checkedRunbook } from './access.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'

export const listTraits: Handler<operations['runbooks.listTraits']> = async (request) => {
  const { traits } = await checkedRunbook(request, request.args.runbook_ident, [
    'baremetal:runbook:get',
  ])
  return { body: { traits } }
}

/** Adds the trait of the path, or replaces all by those of the body. */
export const putTraits: Handler<operations['runbooks.putTraits']> = async (request) => {
  const { ctx, args, contract } = request
  const { trait, runbook_ident: ident } = args
  const fault = trait === undefined ? null : classicError(trait, contract.schema('Trait'))
  if (fault !== null) throw new Invalid(`Schema error for trait: ${fault}`)
  const row = await checkedRunbook(request, ident, ['baremetal:runbook:update'])
  const traits = (request.body as { traits?: string[] } | null)?.traits
  if ((trait === undefined) === (traits === undefined)) {
    throw new Invalid(
      'A single runbook trait may be added via PUT /v1/runbooks/<runbook identifier>/traits/<trait> with no body, or all runbook traits may be replaced via PUT /v1/runbooks/<runbook identifier>/traits with the list of traits specified in the request body.',
    )
  }
  if (trait === undefined) {
    await queries.replaceTraits(ctx.db.orm, row.id, traits ?? [])
    return {}
  }
  await queries.addTrait(ctx.db.orm, row.id, trait)
  return { location: `/v1/runbooks/${ident}/traits/${trait}` }
}

export const deleteTraits: Handler<operations['runbooks.deleteTraits']> = async (request) => {
  const { ctx, args } = request
  const row = await checkedRunbook(request, args.runbook_ident, ['baremetal:runbook:update'])
  await queries.removeTraits(ctx.db.orm, row.id, args.trait)
  return {}
}
