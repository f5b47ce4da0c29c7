import { randomUUID } from 'node:crypto'
import { stored } from '../../../conductor/inspection/rules/operations.js'
import {
  validateRule,
  type RuleDocument,
  type RuleStep,
} from '../../../conductor/inspection/rules/validate.js'
import { Invalid, ObjectNotFound, PatchError } from '../../../errors.js'
import type { InspectionRuleRow } from '../../../db/rows.js'
import { refuseDetailWithFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import { patchDocument, type Patch } from '../../patch.js'
import type { Handler } from '../../request.js'
import { checkUuidMember } from '../../steps.js'
import { classicError } from '../../validation/json-schema.js'
import { pyRepr } from '../../validation/python-repr.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { ruleSerializer } from './serialize.js'

const shortFields = ['uuid', 'priority', 'phase', 'description']

export const list: Handler<operations['inspectionRules.list']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:inspection_rule:get')
  refuseDetailWithFields(args)
  const fields = args.fields ?? (args.detail === true ? undefined : shortFields)
  const p = readPage(
    { ...args, sort_key: args.sort_key as string | undefined },
    ctx.config.api.max_limit,
    [],
  )
  const rows = await queries.listRules(ctx.db.orm, p, args.marker)
  const form = { detail: args.detail, fields }
  const next = nextLink(request, p, form, rows.length, rows.at(-1)?.uuid)
  const shown = rows.length === 0 ? [] : rows.map(ruleSerializer(request, { fields }))
  return { body: { inspection_rules: shown, ...next } }
}

export const show: Handler<operations['inspectionRules.show']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:inspection_rule:get')
  const row = await queries.getRule(ctx.db.orm, args.inspection_rule_uuid)
  return { body: ruleSerializer(request, { fields: args.fields })(row) }
}

export const create: Handler<operations['inspectionRules.create']> = async (request) => {
  const { ctx, auth, body } = request
  auth.authorize('baremetal:inspection_rule:create')
  validateRule(body)
  if (body.uuid) checkUuidMember(body.uuid)
  const row = await queries.insertRule(ctx.db.orm, {
    ...valuesOf(body),
    uuid: body.uuid || randomUUID(),
    createdAt: ctx.clock.now(),
  })
  return { body: ruleSerializer(request)(row), location: `/v1/inspection_rules/${row.uuid}` }
}

/** A rule's own columns; what is missing or null has its default. */
function valuesOf(document: Readonly<Record<string, unknown>>) {
  return {
    description: (document['description'] ?? null) as string | null,
    priority: (document['priority'] ?? 0) as number,
    sensitive: (document['sensitive'] ?? false) as boolean,
    phase: (document['phase'] ?? 'main') as string,
    conditions: (document['conditions'] ?? []) as unknown[],
    actions: ((document['actions'] ?? []) as RuleStep[]).map(stored),
  }
}

export const update: Handler<operations['inspectionRules.update']> = async (request) => {
  const { ctx, auth, args, contract } = request
  auth.authorize('baremetal:inspection_rule:update')
  const patch = request.body as Patch
  const row = await queries.getRule(ctx.db.orm, args.inspection_rule_uuid)
  refuseUnset(row, patch)
  const patched = patchDocument(documentOf(row), patch)
  const schema = contract.schema('InspectionRuleCreate')
  const known = schema['properties'] as object
  const after = Object.fromEntries(Object.entries(patched).filter(([k]) => Object.hasOwn(known, k)))
  const fault = classicError(after, schema)
  if (fault !== null) throw new Invalid(`Schema error for patch: ${fault}`)
  checkUuid(row, after['uuid'])
  validateRule(after as unknown as RuleDocument)
  const updated = await queries.updateRule(ctx.db.orm, row, changesOf(row, after), ctx.clock.now())
  return { body: ruleSerializer(request)(updated) }
}

/** @throws PatchError 400: what was hidden stays hidden */
function refuseUnset(row: InspectionRuleRow, patch: Patch): void {
  const [first] = patch.filter((p) => p.path === '/sensitive' && p.op !== 'remove')
  if (row.sensitive !== true || first === undefined || first.value === null || first.value) return
  throw new PatchError(pyRepr(patch), 'Inspection rules cannot have the sensitive flag unset.')
}

/** The row as a patch may address it. Members a rule does not show are ignored afterwards. */
const documentOf = (row: InspectionRuleRow) => ({
  id: row.id,
  created_at: null,
  updated_at: null,
  version: row.version,
  uuid: row.uuid,
  scope: row.scope,
  ...valuesOf({ ...row }),
})

/** @throws Invalid 400 on no UUID, ObjectNotFound 404 on another, as upstream looks for that */
function checkUuid(row: InspectionRuleRow, uuid: unknown): void {
  if (uuid === null || uuid === undefined) throw new Invalid('A rule must keep its UUID.')
  checkUuidMember(uuid)
  if (uuid !== row.uuid) throw new ObjectNotFound('Rule', uuid as string)
}

function changesOf(
  row: InspectionRuleRow,
  after: Readonly<Record<string, unknown>>,
): Partial<queries.RuleInsert> {
  const before = valuesOf({ ...row })
  const wanted = valuesOf(after)
  const keys = Object.keys(wanted) as (keyof typeof wanted)[]
  const differ = keys.filter((k) => JSON.stringify(wanted[k]) !== JSON.stringify(before[k]))
  return Object.fromEntries(differ.map((k) => [k, wanted[k]]))
}

export const remove: Handler<operations['inspectionRules.delete']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:inspection_rule:delete')
  const row = await queries.getRule(ctx.db.orm, args.inspection_rule_uuid)
  await queries.deleteRule(ctx.db.orm, row)
  return {}
}
