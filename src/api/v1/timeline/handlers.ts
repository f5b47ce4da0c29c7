import { flushTimeline } from '../../../timeline.js'
import { readPage } from '../../paging.js'
import type { Handler } from '../../request.js'
import { authorizeNode } from '../nodes/access.js'
import { getNode } from '../nodes/queries.js'
import type { operations } from './contract.gen.js'
import { listEntries } from './queries.js'
import { entrySerializer } from './serialize.js'

/** Who may read a node's history may read its timeline. */
const rule = 'baremetal:node:history:get'

export const list: Handler<operations['timeline.list']> = async (request) => {
  const { ctx, args, baseUrl } = request
  const node = await getNode(ctx.db.orm, args.node_ident)
  authorizeNode(request, rule, node, args.node_ident)
  const { limit, sort_dir: direction } = args
  const page = readPage({ limit, sort_dir: direction }, ctx.config.api.max_limit, [])
  // What this process has seen is there for whoever asks it right after.
  await flushTimeline(ctx)
  const rows = await listEntries(ctx.db.orm, node.id, page, args)
  const last = rows.length < page.limit ? undefined : rows.at(-1)
  const query = new URLSearchParams({ limit: String(page.limit), marker: String(last?.id ?? '') })
  if (page.sortDir === 'desc') query.set('sort_dir', 'desc')
  if (args.kind !== undefined) query.set('kind', args.kind.join(','))
  const place = `${baseUrl}/ferric/v1/nodes/${args.node_ident}/timeline`
  const next = last === undefined ? {} : { next: `${place}?${query.toString()}` }
  return { body: { timeline: rows.map(entrySerializer(request)), ...next } }
}
