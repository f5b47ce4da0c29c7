import { randomUUID } from 'node:crypto'
import type { VolumeConnectorRow, VolumeTargetRow } from '../../../db/rows.js'
import { Invalid, InvalidParameterValue, ObjectNotFound } from '../../../errors.js'
import { convert } from '../../args/convert.js'
import { refuseUnknownFields } from '../../fields.js'
import {
  authorizeChild,
  listScope,
  parentAfterPatch,
  parentForCreate,
  parentOfList,
} from '../../node-children.js'
import { nextLink, readPage, type PageArguments } from '../../paging.js'
import { applyPatch, checkPatchable, withoutRemoved, type Patch } from '../../patch.js'
import type { Answer, ApiRequest } from '../../request.js'
import { selectFields, serializer } from '../../serialize.js'
import { isUuidLike } from '../../../identifiers.js'
import { classicError } from '../../validation/json-schema.js'
import { pyStr } from '../../validation/python-repr.js'
import { getNode } from '../nodes/queries.js'
import type { Env, VolumeKind } from './kinds.js'
import type { View } from './queries.js'

type Row = VolumeConnectorRow | VolumeTargetRow
type Request = ApiRequest<unknown>

export interface ListArguments extends PageArguments {
  readonly node?: string
  readonly marker?: string
  readonly detail?: boolean
  readonly fields?: readonly string[]
}

/** The handlers of one kind of volume object. `parent` is the node a path names. */
export function volumeHandlers<R extends Row, V extends object>(kind: VolumeKind<R, V>) {
  return {
    list: (request: Request, args: ListArguments, parent?: string) =>
      list(kind, request, args, parent),
    show: (request: Request, uuid: string, fields: readonly string[] | undefined) =>
      show(kind, request, uuid, fields),
    create: (request: Request, body: object) => create(kind, request, body),
    update: (request: Request, uuid: string, patch: Patch) => update(kind, request, uuid, patch),
    remove: (request: Request, uuid: string) => remove(kind, request, uuid),
    /** Below a node nothing is shown or changed, but who may not see it is told first. */
    refuse: async (request: Request, rule: string, uuid: string): Promise<Answer> => {
      await getAuthorized(kind, request, rule, uuid)
      throw new Invalid('Malformed request URI.')
    },
    refuseCreate: async (request: Request, body: object): Promise<Answer> => {
      await nodeForCreate(request, read(body))
      throw new Invalid('Malformed request URI.')
    },
  }
}

type Kind<R extends Row, V extends object> = VolumeKind<R, V>

async function list<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  args: ListArguments,
  parent: string | undefined,
): Promise<Answer> {
  const { ctx, auth } = request
  const db = ctx.db.orm
  const above =
    parent === undefined ? null : await parentOfList(request, parent, () => noNode(parent))
  const project = listScope(auth, 'baremetal:volume')
  if (args.fields?.length && args.detail === true) {
    throw new InvalidParameterValue("Can't fetch a subset of fields with 'detail' set")
  }
  const page = readPage(args, ctx.config.api.max_limit, kind.refusedSortKeys)
  const from = args.marker === undefined ? null : await find(kind, request, args.marker)
  const node = above ?? (args.node === undefined ? null : await getNode(db, args.node))
  const detail = args.detail === true ? true : undefined
  const fields = args.fields ?? (detail ? undefined : kind.shortFields)
  const filter = { nodeId: node?.id, project, fields }
  const rows = await kind.table.list(db, page, from?.row ?? null, filter)
  const next = nextLink(request, page, { detail, fields }, rows.length, rows.at(-1)?.uuid)
  return { body: { [kind.plural]: rows.map(volumeSerializer(kind, request, fields)), ...next } }
}

const noNode = (ident: string) => new ObjectNotFound('Node', ident)

function volumeSerializer<R extends Row, V extends object>(
  kind: Kind<R, V>,
  { contract, minor, baseUrl, auth }: Request,
  fields?: readonly string[],
): (row: View<R>) => Record<string, unknown> {
  const names = selectFields(contract, kind.schema, minor, { fields })
  const showProperties = auth.can('baremetal:volume:view_target_properties')
  return serializer<View<R>, Env>(kind.makers, names, { baseUrl, showProperties })
}

async function find<R extends Row, V extends object>(
  kind: Kind<R, V>,
  { ctx }: Request,
  uuid: string,
) {
  const found = await kind.table.find(ctx.db.orm, uuid)
  if (found === null) throw new ObjectNotFound(kind.noun, uuid)
  return found
}

async function getAuthorized<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  rule: string,
  uuid: string,
) {
  const found = await find(kind, request, uuid)
  authorizeChild(request.auth, rule, found.node, () => new ObjectNotFound(kind.noun, uuid))
  return found
}

async function show<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  uuid: string,
  fields: readonly string[] | undefined,
): Promise<Answer> {
  const { row } = await getAuthorized(kind, request, 'baremetal:volume:get', uuid)
  refuseUnknownFields(request.contract, kind.schema, fields)
  return { body: volumeSerializer(kind, request, fields)(row) }
}

/** A document whose UUIDs are UUIDs. @throws Invalid 400 */
function read(document: object): Record<string, unknown> {
  const out: Record<string, unknown> = { ...document }
  for (const name of ['node_uuid', 'uuid']) convert('uuid', name, out[name])
  return out
}

function nodeForCreate({ ctx, auth }: Request, document: Record<string, unknown>) {
  const ident = document['node_uuid'] as string
  // The blank at the end is upstream's.
  const absent = () =>
    new Invalid(`Invalid input for field/attribute node_uuid. Value: '${ident}'. `)
  return parentForCreate(ctx.db.orm, auth, 'baremetal:volume:create', ident, absent)
}

async function create<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  body: object,
): Promise<Answer> {
  const { ctx } = request
  const document = read(body)
  const node = await nodeForCreate(request, document)
  const row = await kind.table.insert(ctx.db.orm, {
    ...kind.columns(document),
    uuid: (document['uuid'] as string | null | undefined) ?? randomUUID(),
    nodeId: node.id,
    createdAt: ctx.clock.now(),
  })
  return {
    body: volumeSerializer(kind, request)({ ...row, nodeUuid: node.uuid }),
    location: `/v1/volume/${kind.plural}/${row.uuid}`,
  }
}

async function update<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  uuid: string,
  patch: Patch,
): Promise<Answer> {
  const { ctx, auth, caller, contract } = request
  const { row, node: present } = await getAuthorized(kind, request, 'baremetal:volume:update', uuid)
  checkPatchable(patch, kind.patchable)
  checkNodeValues(patch)
  const node = await parentAfterPatch(ctx.db.orm, auth, present, patch)
  const before = { ...kind.document(row), node_uuid: null }
  const after = { ...withoutRemoved(applyPatch(before, patch), patch), node_uuid: node.uuid }
  const fault = classicError(after, contract.schema(`${kind.schema}Create`))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  const changes = changesOf(row, { ...kind.columns(after), nodeId: node.id })
  const changed = await kind.update(ctx, caller, row, changes)
  return { body: volumeSerializer(kind, request)({ ...changed, nodeUuid: node.uuid }) }
}

function checkNodeValues(patch: Patch): void {
  const bad = patch.find(
    (p) => p.path === '/node_uuid' && p.op !== 'remove' && !isUuidLike(p.value),
  )
  if (bad === undefined) return
  throw new Invalid(`Expected a UUID for node_uuid, but received ${pyStr(bad.value ?? null)}.`)
}

/** The columns of `after` that differ from the row; a column of an object may hold null for `{}`. */
function changesOf<R extends Row>(row: R, after: object): Partial<R> {
  const now = row as Readonly<Record<string, unknown>>
  const changed = Object.entries(after).filter(
    ([key, value]) =>
      JSON.stringify(now[key] ?? null) !== JSON.stringify(value) &&
      !(now[key] === null && JSON.stringify(value) === '{}'),
  )
  return Object.fromEntries(changed) as Partial<R>
}

async function remove<R extends Row, V extends object>(
  kind: Kind<R, V>,
  request: Request,
  uuid: string,
): Promise<Answer> {
  const { row } = await getAuthorized(kind, request, 'baremetal:volume:delete', uuid)
  await kind.destroy(request.ctx, request.caller, row)
  return {}
}
