import { randomUUID } from 'node:crypto'
import { createPort, destroyPort, updatePort } from '../../../conductor/operations/ports.js'
import type { PortgroupRow } from '../../../db/rows.js'
import { Conflict, Invalid, NotAcceptable, NotFound, ObjectNotFound } from '../../../errors.js'
import { covers } from '../../contract/versions.js'
import { gateFields } from '../../fields.js'
import {
  authorizeChild,
  parentAfterPatch,
  parentForCreate,
  refuseWhileInspecting,
  type ParentNode,
} from '../../node-children.js'
import { nodeTarget } from '../nodes/access.js'
import { applyPatch, checkPatchable, withoutRemoved, type Patch } from '../../patch.js'
import type { ApiRequest, Handler } from '../../request.js'
import { classicError } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import { findPortgroup } from '../portgroups/queries.js'
import * as queries from './queries.js'
import { portSerializer } from './serialize.js'
import * as values from './values.js'

type Create = operations['ports.create']
type Update = operations['ports.update']

export const create: Handler<Create> = async (request) => {
  const { ctx, auth, contract, minor, caller } = request
  const port = values.readPort(contract, request.body)
  if (port.node_ident) gateIdent(request)
  const node = await parentForCreate(
    ctx.db.orm,
    auth,
    'baremetal:port:create',
    port.node_ident || (port.node_uuid ?? ''),
    () => new NotFound(`Node ${port.node_uuid ?? 'None'} could not be found.`, 400),
  )
  gateFields(contract, 'Port', minor, Object.keys(request.body))
  values.gateLink(contract, minor, port.local_link_connection)
  const portgroup = await groupFor(request, port.portgroup_uuid, node)
  values.checkSmartNic(contract, port)
  values.checkPhysicalNetwork(port.physical_network)
  if (portgroup?.standalonePortsSupported === false && port.pxe_enabled) {
    throw new Conflict(
      `Port group ${portgroup.uuid} doesn't support standalone ports. This port cannot be created as a member of that portgroup as the port's 'pxe_enabled' field was set to True.`,
    )
  }
  const uuid = port.uuid ?? randomUUID()
  const columns = values.columnsOf(port, node.id, portgroup)
  const row = await createPort(ctx, caller, {
    ...columns,
    isSmartnic: columns.isSmartnic ?? false,
    uuid,
    createdAt: ctx.clock.now(),
  })
  const view = { ...row, nodeUuid: node.uuid, portgroupUuid: portgroup?.uuid ?? null }
  return { body: portSerializer(request)(view), location: `/v1/ports/${row.uuid}` }
}

function gateIdent({ contract, minor }: ApiRequest<Create>): void {
  const known = contract.fields('PortCreate').find((f) => f.name === 'node_ident')
  if (known !== undefined && !covers(known, minor)) throw new NotAcceptable()
}

async function groupFor<O>(
  request: ApiRequest<O>,
  uuid: string | null | undefined,
  node: ParentNode,
): Promise<PortgroupRow | null> {
  if (!uuid) return null
  const group = await findGroup(request, uuid)
  if (group.nodeId === node.id) return group
  throw new Invalid('Port can not be added to a portgroup belonging to a different node.')
}

/** A port group that a body names: that it is not there to see is the body's fault. */
async function findGroup<O>({ ctx, auth }: ApiRequest<O>, uuid: string): Promise<PortgroupRow> {
  const found = await findPortgroup(ctx.db.orm, uuid)
  if (found !== null && auth.can('baremetal:node:get', nodeTarget(found.node))) return found.group
  throw new NotFound(new ObjectNotFound('Portgroup', uuid).message, 400)
}

const patchable = [
  'address',
  'extra',
  'is_smartnic',
  'local_link_connection',
  'node_ident',
  'node_uuid',
  'physical_network',
  'portgroup_uuid',
  'pxe_enabled',
  'name',
  'description',
  'vendor',
  'category',
  'available_for_dynamic_portgroup',
]
/** The other younger fields may be patched in every version. */
const gatedInPatches = [
  'pxe_enabled',
  'local_link_connection',
  'portgroup_uuid',
  'physical_network',
  'is_smartnic',
]

export const update: Handler<Update> = async (request) => {
  const { ctx, args, auth, caller } = request
  const patch = request.body as Patch
  checkPatchable(patch, patchable)
  gatePatch(request, patch)
  const { port, node: present } = await queries.getPort(ctx.db.orm, args.port_ident)
  authorizeChild(
    auth,
    'baremetal:port:update',
    present,
    () => new ObjectNotFound('Port', args.port_ident),
  )
  const node = await parentAfterPatch(ctx.db.orm, auth, present, patch)
  const applied = withoutRemoved(applyPatch(documentOf(port), patch), patch)
  const after = { ...applied, node_uuid: node.uuid }
  const portgroup = await groupAfterPatch(request, port, patch, after)
  const document = checkAfter(request, after)
  refuseWhileInspecting(request, node, `port "${port.uuid}" on "${node.uuid}"`)
  const touchesNetwork = startsWith(patch, '/physical_network')
  if (touchesNetwork) values.checkPhysicalNetwork(document.physical_network)
  if (touchesNetwork && portgroup !== null) refuseMember(request)
  const changes = values.changesOf(port, values.columnsOf(document, node.id, portgroup))
  const row = await updatePort(ctx, caller, port, changes)
  const view = { ...row, nodeUuid: node.uuid, portgroupUuid: portgroup?.uuid ?? null }
  return { body: portSerializer(request)(view) }
}

const rootOf = (path: string) => path.split('/')[1] ?? ''

function gatePatch({ contract, minor }: ApiRequest<Update>, patch: Patch): void {
  const touched = patch
    .filter((p) => p.op === 'remove' || p.path.split('/').length === 2)
    .map((p) => rootOf(p.path))
  const gated = gatedInPatches.filter((name) => touched.includes(name))
  gateFields(contract, 'Port', minor, gated)
  if (patch.some((p) => p.path === '/local_link_connection/network_type')) {
    gateFields(contract, 'LocalLink', minor, ['network_type'])
  }
}

/** The document a patch works on. */
function documentOf(port: queries.PortView): Record<string, unknown> {
  return {
    address: port.address,
    extra: port.extra ?? {},
    is_smartnic: port.isSmartnic,
    local_link_connection: port.localLinkConnection ?? {},
    node_uuid: port.nodeUuid,
    physical_network: port.physicalNetwork,
    portgroup_uuid: port.portgroupUuid,
    pxe_enabled: port.pxeEnabled,
    name: port.name,
    description: port.description,
    vendor: port.vendor,
    category: port.category,
    available_for_dynamic_portgroup: port.availableForDynamicPortgroup,
  }
}

/**
 * Whether the first item of a patch names a path. Upstream's rules look at no other item
 * (`api/controllers/v1/utils.py`, `is_path_updated`), and clients depend on that.
 */
const startsWith = ([first]: Patch, path: string): boolean =>
  first !== undefined && within(first.path, path)

const touches = (patch: Patch, path: string): boolean => patch.some((p) => within(p.path, path))

const within = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`)

async function groupAfterPatch(
  request: ApiRequest<Update>,
  port: queries.PortView,
  patch: Patch,
  after: Record<string, unknown>,
): Promise<PortgroupRow | null> {
  const moved = touches(patch, '/portgroup_uuid')
  const uuid = moved ? after['portgroup_uuid'] : port.portgroupUuid
  if (typeof uuid !== 'string' || uuid === '') return null
  return moved ? findGroup(request, uuid) : queries.getPortgroup(request.ctx.db.orm, uuid)
}

/**
 * What was removed is null from here on, but for what has no null.
 * @throws Invalid 400 with the name `patch` in the text
 */
function checkAfter(
  { contract }: ApiRequest<Update>,
  after: Record<string, unknown>,
): values.PortDocument {
  const fault = classicError(after, contract.schema('PortCreate'))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  return {
    pxe_enabled: null,
    is_smartnic: null,
    ...values.readPort(contract, after),
  }
}

function refuseMember({ contract, minor }: ApiRequest<Update>): void {
  const field = contract.fields('Portgroup').find((f) => f.name === 'physical_network')
  if (field === undefined || !covers(field, minor)) return
  throw new Invalid('physical_network cannot be changed while the port belongs to a portgroup.')
}

export const remove: Handler<operations['ports.delete']> = async (request) => {
  const { ctx, args, auth, caller } = request
  const { port, node } = await queries.getPort(ctx.db.orm, args.port_ident)
  authorizeChild(
    auth,
    'baremetal:port:delete',
    node,
    () => new ObjectNotFound('Port', args.port_ident),
  )
  await destroyPort(ctx, caller, port)
  return {}
}
