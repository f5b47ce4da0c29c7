import { refuseDetailWithFields, refuseUnknownFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import type { Handler } from '../../request.js'
import type { operations } from './contract.gen.js'
import { getConductor, listConductors } from './queries.js'
import { conductorSerializer } from './serialize.js'

const refusedSortKeys = ['alive', 'drivers']
/** In the order of `next` links. */
const shortFields = ['hostname', 'conductor_group', 'alive']

export const list: Handler<operations['conductors.list']> = async (request) => {
  const { ctx, args, auth } = request
  auth.authorize('baremetal:conductor:get')
  refuseDetailWithFields(args)
  const page = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const fields = args.fields ?? (args.detail === true ? undefined : shortFields)
  const rows = await listConductors(ctx.db.orm, page, args.marker)
  const form = { detail: args.detail, fields }
  const next = nextLink(request, page, form, rows.length, rows.at(-1)?.hostname)
  return { body: { conductors: rows.map(conductorSerializer(request, { fields })), ...next } }
}

export const show: Handler<operations['conductors.show']> = async (request) => {
  const { ctx, args, auth, contract } = request
  auth.authorize('baremetal:conductor:get')
  const row = await getConductor(ctx.db.orm, args.hostname)
  refuseUnknownFields(contract, 'Conductor', args.fields)
  return { body: conductorSerializer(request, { fields: args.fields })(row) }
}
