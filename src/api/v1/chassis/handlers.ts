import { randomUUID } from 'node:crypto'
import { Invalid, NotFound } from '../../../errors.js'
import { convert } from '../../args/convert.js'
import { refuseDetailWithFields, refuseUnknownFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import { applyPatch, checkPatchable, type Patch } from '../../patch.js'
import type { ApiRequest, Handler } from '../../request.js'
import { classicError } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { chassisSerializer } from './serialize.js'

type List = operations['chassis.list']
const refusedSortKeys = ['extra']
/** What lists show unless asked, in the order in which `next` names it. */
const shortFields = ['uuid', 'description']
const patchable = ['uuid', 'extra', 'description']

export const list: Handler<List> = (request) => {
  const { fields, detail } = request.args
  refuseDetailWithFields(request.args)
  const shown = fields ?? (detail === true ? undefined : shortFields)
  return page(request, request.args, shown)
}

export const listDetail: Handler<operations['chassis.listDetail']> = (request) =>
  page(request, request.args, undefined)

async function page<O>(
  request: ApiRequest<O>,
  args: NonNullable<List['parameters']['query']>,
  fields: readonly string[] | undefined,
) {
  const { ctx, auth } = request
  auth.authorize('baremetal:chassis:get')
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const rows = await queries.listChassis(ctx.db.orm, p, args.marker)
  const form = { detail: args.detail, fields }
  const next = nextLink(request, p, form, rows.length, rows.at(-1)?.uuid)
  return { body: { chassis: rows.map(chassisSerializer(request, { fields })), ...next } }
}

export const show: Handler<operations['chassis.show']> = async (request) => {
  const { ctx, args, auth, contract } = request
  auth.authorize('baremetal:chassis:get')
  const row = await queries.getChassis(ctx.db.orm, args.chassis_uuid)
  refuseUnknownFields(contract, 'Chassis', args.fields)
  return { body: chassisSerializer(request, { fields: args.fields })(row) }
}

export const create: Handler<operations['chassis.create']> = async (request) => {
  const { ctx, auth, body } = request
  auth.authorize('baremetal:chassis:create')
  convert('uuid', 'uuid', body.uuid)
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
  const fault = classicError(after, contract.schema('ChassisCreate'))
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  convert('uuid', 'uuid', after['uuid'])
  if (after['uuid'] !== row.uuid) {
    throw new Invalid('Cannot overwrite UUID for an existing Chassis.')
  }
  const same = JSON.stringify(after) === JSON.stringify({ ...after, ...before })
  if (same) return { body: chassisSerializer(request)(row) }
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

/** The detailed form is a list's. */
export const listOnly = (): Promise<never> => Promise.reject(new NotFound())
