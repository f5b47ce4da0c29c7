import { randomUUID } from 'node:crypto'
import { refuseDetailWithFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import { checkPatchable, patchDocument, type Patch } from '../../patch.js'
import type { Handler } from '../../request.js'
import { checkPatchedSteps, checkUuidMember, refuseDuplicateSteps } from '../../steps.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { templateSerializer } from './serialize.js'

const refusedSortKeys = ['extra', 'steps']
const patchable = ['extra', 'name', 'steps', 'description']
const shortFields = ['uuid', 'name']

export const list: Handler<operations['deployTemplates.list']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:deploy_template:get')
  const detail = args.detail as boolean | undefined
  refuseDetailWithFields({ detail, fields: args.fields })
  const fields = args.fields ?? (detail === true ? undefined : shortFields)
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const rows = await queries.listTemplates(ctx.db.orm, p, args.marker)
  const next = nextLink(request, p, { detail, fields }, rows.length, rows.at(-1)?.uuid)
  const shown = rows.length === 0 ? [] : rows.map(templateSerializer(request, { fields }))
  return { body: { deploy_templates: shown, ...next } }
}

export const show: Handler<operations['deployTemplates.show']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:deploy_template:get')
  const row = await queries.getTemplate(ctx.db.orm, args.template_ident)
  return { body: templateSerializer(request, { fields: args.fields })(row) }
}

export const create: Handler<operations['deployTemplates.create']> = async (request) => {
  const { ctx, auth, body } = request
  refuseDuplicateSteps(body.steps)
  checkUuidMember(body.uuid)
  auth.authorize('baremetal:deploy_template:create')
  const row = await queries.insertTemplate(ctx.db.orm, valuesOf(body), ctx.clock.now())
  // Upstream answers the steps as they came; a priority given as text is a number only later.
  const shown = { ...row, steps: body.steps as Step[] }
  return {
    body: templateSerializer(request)(shown),
    location: `/v1/deploy_templates/${row.uuid}`,
  }
}

interface Step {
  readonly interface: string
  readonly step: string
  readonly args: Record<string, unknown>
  readonly priority: number | string
}

function valuesOf(body: {
  uuid?: string | null
  name?: unknown
  extra?: unknown
  steps?: unknown
}): queries.TemplateValues {
  return {
    uuid: body.uuid ?? randomUUID(),
    name: body.name as string,
    extra: (body.extra ?? {}) as Record<string, unknown>,
    steps: (body.steps as Step[]).map((s) => ({ ...s, priority: Number(s.priority) })),
  }
}

export const update: Handler<operations['deployTemplates.update']> = async (request) => {
  const { ctx, auth, args, contract } = request
  auth.authorize('baremetal:deploy_template:update')
  const patch = request.body as Patch
  checkPatchable(patch, patchable)
  const row = await queries.getTemplate(ctx.db.orm, args.template_ident)
  const schema = contract.schema('DeployTemplateCreate')
  const before = { uuid: row.uuid, name: row.name, extra: row.extra ?? {}, steps: row.steps }
  const patched = patchDocument(before, patch)
  const after = checkPatchedSteps(patched, schema, contract.schema('DeployTemplateStep'))
  const changed = changesOf(row, valuesOf(after))
  const updated = await queries.updateTemplate(ctx.db.orm, row, changed, ctx.clock.now())
  return { body: templateSerializer(request)(updated) }
}

function changesOf(
  row: queries.Template,
  after: queries.TemplateValues,
): Partial<queries.TemplateValues> {
  return {
    ...(after.name === row.name ? {} : { name: after.name }),
    ...(JSON.stringify(after.extra) === JSON.stringify(row.extra ?? {})
      ? {}
      : { extra: after.extra }),
    steps: after.steps,
  }
}

export const remove: Handler<operations['deployTemplates.delete']> = async (request) => {
  const { ctx, auth, args } = request
  auth.authorize('baremetal:deploy_template:delete')
  const row = await queries.getTemplate(ctx.db.orm, args.template_ident)
  await queries.deleteTemplate(ctx.db.orm, row)
  return {}
}
