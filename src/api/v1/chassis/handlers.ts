import { randomUUID } from 'node:crypto'
import { Invalid } from '../../../errors.js'
import { nextLink, readPage } from '../../paging.js'
import { applyPatch, checkPatchable, type Patch } from '../../patch.js'
import type { ApiRequest, Handler } from '../../request.js'
import { firstError } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { chassisSerializer } from './serialize.js'

type List = operations['chassis.list']
const refusedSortKeys = ['extra']
const patchable = ['uuid', 'extra', 'description']

export const list: Handler<List> = async (request) => {
  const { fields, detail } = request.args
  if (detail === true && fields !== undefined) {
    throw new Invalid('Can not specify ?detail=True and fields in the same request.')
  }
  return page(request, 'chassis', request.args, { fields, short: detail !== true })
}

export const listDetail: Handler<operations['chassis.listDetail']> = (request) =>
  page(request, 'chassis/detail', request.args, {})

async function page<O>(
  request: ApiRequest<O>,
  resource: string,
  args: NonNullable<List['parameters']['query']>,
  selection: { fields?: string[] | undefined; short?: boolean },
) {
  const { ctx, auth, baseUrl } = request
  auth.authorize('baremetal:chassis:get')
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const rows = await queries.listChassis(ctx.db.orm, p, args.marker)
  const linkArgs: [string, string][] = [
    ['sort_key', p.sortKey],
    ['sort_dir', p.sortDir],
  ]
  if (args.detail !== undefined) linkArgs.push(['detail', args.detail ? 'True' : 'False'])
  if (selection.fields !== undefined) linkArgs.push(['fields', selection.fields.join(',')])
  const next = nextLink(baseUrl, resource, linkArgs, p, rows.length, rows.at(-1)?.uuid)
  return { body: { chassis: rows.map(chassisSerializer(request, selection)), ...next } }
}

export const show: Handler<operations['chassis.show']> = async (request) => {
  const { ctx, args, auth } = request
  auth.authorize('baremetal:chassis:get')
  const row = await queries.getChassis(ctx.db.orm, args.chassis_uuid)
  return { body: chassisSerializer(request, { fields: args.fields as string[] | undefined })(row) }
}

export const create: Handler<operations['chassis.create']> = async (request) => {
  const { ctx, auth, body } = request
  auth.authorize('baremetal:chassis:create')
  const row = await queries.insertChassis(ctx.db.orm, {
    uuid: body.uuid ?? randomUUID(),
    description: body.description ?? null,
    extra: body.extra ?? {},
    createdAt: ctx.clock.now(),
  })
  return { body: chassisSerializer(request)(row), location: `/v1/chassis/${row.uuid}` }
}

export const update: Handler<operations['chassis.update']> = async (request) => {
  const { ctx, args, auth, contract } = request
  auth.authorize('baremetal:chassis:update')
  const patch = request.body as Patch
  checkPatchable(patch, patchable)
  const row = await queries.getChassis(ctx.db.orm, args.chassis_uuid)
  const before = { uuid: row.uuid, description: row.description, extra: row.extra ?? {} }
  const after = applyPatch(before, patch)
  const fault = firstError(after, contract.schema('ChassisCreate'))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  if (after['uuid'] !== row.uuid) {
    throw new Invalid('Cannot overwrite UUID for an existing Chassis.')
  }
  const updated = await queries.updateChassis(ctx.db.orm, row, {
    description: after['description'] as string | null,
    extra: (after['extra'] ?? {}) as Record<string, unknown>,
    updatedAt: ctx.clock.now(),
  })
  return { body: chassisSerializer(request)(updated) }
}

export const remove: Handler<operations['chassis.delete']> = async ({ ctx, args, auth }) => {
  auth.authorize('baremetal:chassis:delete')
  await queries.deleteChassis(ctx.db.orm, await queries.getChassis(ctx.db.orm, args.chassis_uuid))
  return {}
}
