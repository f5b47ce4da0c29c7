import { nextLink, readPage } from '../../../paging.js'
import type { Handler } from '../../../request.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'
import { getEvent, listEvents } from './queries.js'
import { historySerializer } from './serialize.js'

const rule = 'baremetal:node:history:get'

export const list: Handler<operations['nodeHistory.list']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, rule, args.node_ident)
  const page = readPage({ sort_key: 'created_at', ...args }, ctx.config.api.max_limit, [])
  const rows = await listEvents(ctx.db.orm, node.id, page, args.marker)
  const detail = args.detail === true
  // Upstream's link names arguments that it refuses itself; this one can be followed.
  const form = { detail: detail || undefined }
  const next = nextLink(request, page, form, rows.length, rows.at(-1)?.uuid)
  return { body: { history: rows.map(historySerializer(request, node.uuid, !detail)), ...next } }
}

export const show: Handler<operations['nodeHistory.show']> = async (request) => {
  const { ctx, args } = request
  const node = await checkNodePolicy(request, rule, args.node_ident)
  const row = await getEvent(ctx.db.orm, node.id, args.event)
  return { body: historySerializer(request, node.uuid, false)(row) }
}
