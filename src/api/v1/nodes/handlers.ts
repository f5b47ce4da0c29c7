/** Reading and deleting nodes. Creating and changing them: create.ts, update.ts. */
import { eq } from 'drizzle-orm'
import { destroyNode } from '../../../conductor/crud/destroy-node.js'
import { nodes } from '../../../db/schema/index.js'
import { Invalid, ObjectNotFound, PolicyForbidden } from '../../../errors.js'
import { nextLink, readPage, type Page } from '../../paging.js'
import type { Answer, ApiRequest, Handler } from '../../request.js'
import type { Selection } from '../../serialize.js'
import { authorizeNode, listScope, lookUp, nodeTarget } from './access.js'
import type { operations } from './contract.gen.js'
import { checkFields, gateFields } from './field-checks.js'
import { selectionFor, type NodeView } from './fields.js'
import { checkFilterValues, conditionOf, type ListArguments } from './filters.js'
import * as queries from './queries.js'
import { columnsFor, nodeAnswer, type NodeAnswer } from './serialize.js'

const refusedSortKeys = [
  'properties',
  'driver_info',
  'extra',
  'instance_info',
  'driver_internal_info',
  'clean_step',
  'deploy_step',
  'raid_config',
  'target_raid_config',
  'traits',
  'network_data',
  'service_step',
]
/** What a list without `fields` and `detail` shows, in the order its `next` link names it. */
const shortFields = [
  'instance_uuid',
  'maintenance',
  'power_state',
  'provision_state',
  'uuid',
  'name',
]

export const list: Handler<operations['nodes.list']> = (request) =>
  listNodes(request, 'nodes', request.args)
export const listOfChassis: Handler<operations['nodes.listOfChassis']> = (request) =>
  listNodes(request, 'nodes', request.args)
export const listDetail: Handler<operations['nodes.listDetail']> = (request) =>
  listNodes(request, 'nodes/detail', request.args)
export const listDetailOfChassis: Handler<operations['nodes.listDetailOfChassis']> = (request) =>
  listNodes(request, 'nodes/detail', request.args)

async function listNodes<O>(
  request: ApiRequest<O>,
  resource: 'nodes' | 'nodes/detail',
  args: ListArguments,
): Promise<Answer> {
  const { ctx } = request
  const scope = listScope(request, args.project)
  const fields = checkList(request, resource, args)
  const page = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const short = resource === 'nodes' && args.detail !== true
  const selection = { fields, short }
  const answer = await nodeAnswer(request, selection)
  const rows = await read(request, args, scope, page, selection)
  const json = rows.filter((n) => servedBy(args.conductor, answer, n)).map(answer.json)
  const form = { detail: args.detail, fields: fields ?? (short ? shortFields : undefined) }
  const next =
    args.instance_uuid === undefined
      ? nextLink(request, page, form, rows.length, rows.at(-1)?.uuid)
      : {}
  return { body: { nodes: json, ...next } }
}

/** @returns the fields to show, if they were named */
function checkList<O>(
  request: ApiRequest<O>,
  resource: string,
  args: ListArguments,
): string[] | undefined {
  const fields = args.fields as string[] | undefined
  gateFields(request, [...(fields ?? []), args.sort_key ?? 'id'])
  checkFilterValues(args)
  if (fields !== undefined && args.detail === true) {
    throw new Invalid('Can not specify ?detail=True and fields in the same request.')
  }
  if (resource === 'nodes' && fields !== undefined) checkFields(request, fields)
  return fields
}

async function read<O>(
  request: ApiRequest<O>,
  args: ListArguments,
  scope: string | undefined,
  page: Page,
  selection: Selection,
) {
  const db = request.ctx.db.orm
  const columns = columnsFor(request, selection)
  const chassisId = args.chassis_uuid && (await queries.chassisIdOf(db, args.chassis_uuid))
  const condition = conditionOf(args, scope, chassisId === '' ? undefined : chassisId)
  if (!args.conductor) return queries.listViews(db, columns, condition, page, args.marker)
  const all = { ...columns, ...selectionFor(['conductor']) }
  return queries.listViews(db, all, condition, page, args.marker)
}

/** The filter by conductor applies to rows that were read, because no column holds the host. */
const servedBy = (host: string | undefined, { hostOf }: NodeAnswer, node: NodeView): boolean =>
  !host || hostOf(node) === host

export const show: Handler<operations['nodes.show']> = async (request) => {
  const { ctx, args } = request
  const { node_ident: ident } = args
  const fields = args.fields as string[] | undefined
  const columns = columnsFor(request, { fields })
  const node = await lookUp(request, ident, (i) =>
    queries.findView(ctx.db.orm, queries.identifiedBy(i), columns),
  )
  authorizeNode(request, 'baremetal:node:get', node, ident)
  if (fields !== undefined) {
    gateFields(request, fields)
    checkFields(request, fields)
  }
  return { body: (await nodeAnswer(request, { fields }, nodeTarget(node))).json(node) }
}

/**
 * A node as the answer to a request that found or changed it.
 * @param instead values that the answer has in place of those stored by now
 * @throws ObjectNotFound 404 when it has gone meanwhile
 */
export async function shown<O>(
  request: ApiRequest<O>,
  node: { id: number; uuid: string; owner: string | null; lessee: string | null },
  selection: Selection = {},
  instead: Partial<NodeView> = {},
): Promise<Record<string, unknown>> {
  const columns = columnsFor(request, selection)
  const view = await queries.findView(request.ctx.db.orm, eq(nodes.id, node.id), columns)
  if (view === null) throw new ObjectNotFound('Node', node.uuid)
  const answer = await nodeAnswer(request, selection, nodeTarget(node))
  return answer.json({ ...view, ...instead })
}

export const remove: Handler<operations['nodes.delete']> = async (request) => {
  const { ctx, caller, args } = request
  const ident = args.node_ident
  const node = await lookUp(request, ident, (i) => queries.findNode(ctx.db.orm, i))
  try {
    authorizeNode(request, 'baremetal:node:delete', node, ident)
  } catch (e) {
    if (!(e instanceof PolicyForbidden) || !ctx.config.api.project_admin_can_manage_own_nodes)
      throw e
    authorizeNode(request, 'baremetal:node:delete:self_owned_node', node, ident)
  }
  await destroyNode(ctx, caller, node)
  return {}
}
