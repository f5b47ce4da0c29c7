import { Invalid, NotFound, ObjectNotFound } from '../../../errors.js'
import { gateFields, refuseDetailWithFields, refuseUnknownFields } from '../../fields.js'
import { authorizeChild, listScope, parentOfList } from '../../node-children.js'
import { nextLink, readPage } from '../../paging.js'
import type { ApiRequest, Handler } from '../../request.js'
import { getNode } from '../nodes/queries.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { portgroupListSerializer, portgroupSerializer } from './serialize.js'

const refusedSortKeys = ['extra', 'internal_info', 'properties']
/** What lists show unless asked, in the order in which `next` names it. */
const shortFields = ['uuid', 'address', 'name']

type ListArguments = NonNullable<operations['portgroups.list']['parameters']['query']>
type DetailArguments = NonNullable<operations['portgroups.listDetail']['parameters']['query']>

export const list: Handler<operations['portgroups.list']> = (request) =>
  short(request, request.args, undefined)
export const listDetail: Handler<operations['portgroups.listDetail']> = (request) =>
  page(request, request.args, undefined, {})
export const listOfNode: Handler<operations['portgroups.listOfNode']> = (request) =>
  short(request, request.args, request.args.node_ident)
export const listDetailOfNode: Handler<operations['portgroups.listDetailOfNode']> = (request) =>
  page(request, request.args, request.args.node_ident, {})

function short<O>(request: ApiRequest<O>, args: ListArguments, parent: string | undefined) {
  const { detail, fields } = args
  gateFields(request.contract, 'Portgroup', request.minor, fields)
  refuseDetailWithFields(args)
  const shown = fields ?? (detail === true ? undefined : shortFields)
  return page(request, args, parent, { detail, fields: shown })
}

interface Form {
  readonly detail?: boolean | undefined
  readonly fields?: readonly string[] | undefined
}

async function page<O>(
  request: ApiRequest<O>,
  args: DetailArguments,
  parent: string | undefined,
  form: Form,
) {
  const { ctx, auth, contract, minor } = request
  if (parent !== undefined) {
    // Upstream's words, although the node is what is missing.
    await parentOfList(request, parent, () => new ObjectNotFound('Portgroup', 'None'))
  }
  const project = listScope(auth, 'baremetal:portgroup')
  if (args.sort_key !== undefined) gateFields(contract, 'Portgroup', minor, [args.sort_key])
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const filter = await filterOf(request, { ...args, node: parent ?? args.node })
  const all = { ...filter, project }
  const rows = await queries.listPortgroups(ctx.db.orm, p, args.marker, all, form.fields)
  const next = nextLink(request, p, form, rows.length, rows.at(-1)?.uuid)
  return { body: { portgroups: rows.map(portgroupListSerializer(request, form)), ...next } }
}

type FilterArguments = Pick<DetailArguments, 'address' | 'shard' | 'conductor_groups'> & {
  node: string | undefined
}

async function filterOf<O>(
  { ctx }: ApiRequest<O>,
  { node, address, shard, conductor_groups: conductorGroups }: FilterArguments,
): Promise<queries.PortgroupFilter> {
  const used = [node, address, shard?.length, conductorGroups?.length].filter(Boolean)
  if (used.length > 1) {
    throw new Invalid('Filtering by node, address, or shard simultaneously is not supported.')
  }
  if (node !== undefined) return { nodeId: (await getNode(ctx.db.orm, node)).id }
  return {
    address,
    shards: shard?.length ? shard : undefined,
    conductorGroups: conductorGroups?.length ? conductorGroups : undefined,
  }
}

/**
 * The group an identifier means, if the caller may do to it what the rule says.
 * @throws ObjectNotFound 404, PolicyForbidden 403
 */
export async function getAuthorized<O>(
  { ctx, auth, jsonSuffix }: ApiRequest<O>,
  rule: string,
  ident: string,
) {
  const db = ctx.db.orm
  const again = () => (jsonSuffix ? queries.findPortgroup(db, `${ident}.json`) : null)
  const found = (await queries.findPortgroup(db, ident)) ?? (await again())
  const absent = () => new ObjectNotFound('Portgroup', ident)
  if (found === null) throw absent()
  authorizeChild(auth, rule, found.node, absent)
  return found
}

export const show: Handler<operations['portgroups.show']> = async (request) => {
  const { args, contract, minor } = request
  const { group } = await getAuthorized(request, 'baremetal:portgroup:get', args.portgroup_ident)
  gateFields(contract, 'Portgroup', minor, args.fields)
  refuseUnknownFields(contract, 'Portgroup', args.fields)
  return { body: portgroupSerializer(request, { fields: args.fields })(group) }
}

const malformed = () => new Invalid('Malformed request URI.')

export const showOfNode: Handler<operations['portgroups.showOfNode']> = async (request) => {
  await getAuthorized(request, 'baremetal:portgroup:get', request.args.portgroup_ident)
  throw malformed()
}
export const updateOfNode: Handler<operations['portgroups.updateOfNode']> = async (request) => {
  await getAuthorized(request, 'baremetal:portgroup:update', request.args.portgroup_ident)
  throw malformed()
}
export const removeOfNode: Handler<operations['portgroups.deleteOfNode']> = async (request) => {
  await getAuthorized(request, 'baremetal:portgroup:delete', request.args.portgroup_ident)
  throw malformed()
}
export const createOfNode: Handler<operations['portgroups.createOfNode']> = () =>
  Promise.reject(malformed())

/** The detailed form is a list's. */
export const listOnly = (): Promise<never> => Promise.reject(new NotFound())
