import {
  Invalid,
  NotAcceptable,
  NotFound,
  ObjectNotFound,
  OperationNotPermitted,
} from '../../../errors.js'
import { refuseDetailWithFields, refuseUnknownFields } from '../../fields.js'
import { authorizeChild, listScope, parentOfList } from '../../node-children.js'
import { nextLink, readPage } from '../../paging.js'
import type { ApiRequest, Handler } from '../../request.js'
import { isUuidLike } from '../../../identifiers.js'
import { nodeTarget } from '../nodes/access.js'
import { namesExist } from '../nodes/names.js'
import { getNode } from '../nodes/queries.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { portSerializer } from './serialize.js'
import { gateNames } from './values.js'

const refusedSortKeys = ['extra', 'internal_info', 'local_link_connection']
/** What lists show unless asked, in the order in which `next` names it. */
const shortFields = ['uuid', 'address']

type ListArguments = NonNullable<operations['ports.list']['parameters']['query']>
type DetailArguments = NonNullable<operations['ports.listDetail']['parameters']['query']>

/** What the path says about whose ports are listed. */
interface Parent {
  readonly node?: string
  readonly portgroup?: string
}

export const list: Handler<operations['ports.list']> = (request) => short(request, request.args, {})
export const listDetail: Handler<operations['ports.listDetail']> = (request) =>
  page(request, request.args, {}, {})
export const listOfNode: Handler<operations['ports.listOfNode']> = (request) =>
  short(request, request.args, { node: request.args.node_ident })
export const listDetailOfNode: Handler<operations['ports.listDetailOfNode']> = (request) =>
  page(request, request.args, { node: request.args.node_ident }, {})
export const listOfPortgroup: Handler<operations['ports.listOfPortgroup']> = (request) =>
  short(request, request.args, { portgroup: request.args.portgroup_ident })
export const listDetailOfPortgroup: Handler<operations['ports.listDetailOfPortgroup']> = (
  request,
) => page(request, request.args, { portgroup: request.args.portgroup_ident }, {})

function short<O>(request: ApiRequest<O>, args: ListArguments, parent: Parent) {
  const { contract, minor } = request
  const { detail, fields } = args
  gateNames(contract, minor, fields)
  refuseDetailWithFields(args)
  const shown = fields ?? (detail === true ? undefined : shortFields)
  return page(request, args, parent, { detail, fields: shown })
}

interface Form {
  readonly detail?: boolean | undefined
  readonly fields?: readonly string[] | undefined
}

async function page<O>(request: ApiRequest<O>, args: DetailArguments, parent: Parent, form: Form) {
  const { ctx, contract, minor } = request
  const project = await scopeOf(request, parent)
  if (args.sort_key !== undefined) gateNames(contract, minor, [args.sort_key])
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const filter = await filterOf(request, args, parent)
  const all = { ...filter, project }
  const rows = await queries.listPorts(ctx.db.orm, p, args.marker, all, form.fields)
  if (rows.length > 0) refuseUnknownFields(contract, 'Port', form.fields)
  const next = nextLink(request, p, form, rows.length, rows.at(-1)?.uuid)
  return { body: { ports: rows.map(portSerializer(request, form)), ...next } }
}

/**
 * Whoever lists below a node or a port group must be able to see the node.
 * @returns the project the list is limited to, or null
 */
async function scopeOf<O>(request: ApiRequest<O>, parent: Parent): Promise<string | null> {
  const { ctx, auth } = request
  if (parent.portgroup !== undefined) {
    const ident = parent.portgroup
    const absent = () => new ObjectNotFound('Portgroup', ident)
    const node = await queries.getPortgroupNode(ctx.db.orm, ident)
    if (!auth.can('baremetal:node:get', nodeTarget(node))) throw absent()
  } else if (parent.node !== undefined) {
    // Upstream's words, although no port group is meant.
    await parentOfList(request, parent.node, () => new ObjectNotFound('Portgroup', 'None'))
  }
  return listScope(auth, 'baremetal:port')
}

async function filterOf<O>(
  request: ApiRequest<O>,
  args: DetailArguments,
  parent: Parent,
): Promise<queries.PortFilter> {
  const db = request.ctx.db.orm
  const node = parent.node ?? args.node_uuid ?? args.node
  const portgroup = parent.portgroup ?? args.portgroup
  const { address, shard, description_contains: descriptionContains } = args
  const conductorGroups = args.conductor_groups?.length ? args.conductor_groups : undefined
  if ([node, portgroup, shard?.length].filter(Boolean).length > 1) throw new OperationNotPermitted()
  if (conductorGroups && (node ?? portgroup ?? address) !== undefined) {
    throw new Invalid(
      'Filtering by conductor_groups cannot be combined with node_ident, portgroup_ident, or node address filters.',
    )
  }
  if (portgroup !== undefined) {
    const { id } = await queries.getPortgroup(db, portgroup)
    return { portgroupId: id, descriptionContains }
  }
  if (node !== undefined) {
    refuseEarlyName(request, args)
    return { nodeId: (await getNode(db, node)).id, descriptionContains }
  }
  if (address !== undefined) return { address }
  return { shards: shard?.length ? shard : undefined, conductorGroups, descriptionContains }
}

function refuseEarlyName<O>({ contract, minor }: ApiRequest<O>, args: DetailArguments): void {
  if (args.node === undefined || args.node_uuid !== undefined || isUuidLike(args.node)) return
  if (!namesExist(contract, minor)) throw new NotAcceptable()
}

export const show: Handler<operations['ports.show']> = async (request) => {
  const { ctx, args, auth, contract, minor } = request
  const { port, node } = await queries.getPort(ctx.db.orm, args.port_ident)
  authorizeChild(auth, 'baremetal:port:get', node, () => absent(args.port_ident))
  gateNames(contract, minor, args.fields)
  refuseUnknownFields(contract, 'Port', args.fields)
  return { body: portSerializer(request, { fields: args.fields })(port) }
}

const absent = (ident: string) => new ObjectNotFound('Port', ident)

/** Upstream's answer to what exists only at the top level. */
export const malformed = (): Promise<never> => Promise.reject(new Invalid('Malformed request URI.'))

/** The detailed form is a list's. */
export const listOnly = (): Promise<never> => Promise.reject(new NotFound())
