import { NotFound } from '../../../errors.js'
import type { Handler } from '../../request.js'
import type { operations } from './contract.gen.js'
import { countShards } from './queries.js'

export const list: Handler<operations['shards.list']> = async ({ ctx, auth }) => {
  auth.authorize('baremetal:shards:get')
  const shards = await countShards(ctx.db.orm)
  return { body: { shards: shards.map((s) => ({ name: s.name ?? 'None', count: s.count })) } }
}

export const show: Handler<operations['shards.show']> = () =>
  Promise.reject(new NotFound('The resource could not be found.'))
