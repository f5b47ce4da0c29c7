import { randomUUID } from 'node:crypto'
import { refuseDetailWithFields } from '../../fields.js'
import { nextLink, readPage } from '../../paging.js'
import { listOwner } from '../../policy/list-owner.js'
import type { Handler } from '../../request.js'
import { checkUuidMember, refuseDuplicateSteps } from '../../steps.js'
import { checkedRunbook, checkStepRules, ownerOfNew, readableRunbook } from './access.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { runbookSerializer } from './serialize.js'

const refusedSortKeys = ['extra', 'steps', 'traits']
const shortFields = ['uuid', 'name']

export const list: Handler<operations['runbooks.list']> = async (request) => {
  const { ctx, args } = request
  const filter = listFilter(request.auth, args.project)
  refuseDetailWithFields(args)
  const fields = args.fields ?? (args.detail === true ? undefined : shortFields)
  const p = readPage(args, ctx.config.api.max_limit, refusedSortKeys)
  const rows = await queries.listRunbooks(ctx.db.orm, p, args.marker, filter)
  const form = { detail: args.detail, fields }
  const next = nextLink(request, p, form, rows.length, rows.at(-1)?.uuid)
  const shown = rows.length === 0 ? [] : rows.map(runbookSerializer(request, { fields }))
  return { body: { runbooks: shown, ...next } }
}

/** Upstream reads `?project=` as a boolean: true is no project, so that only public ones show. */
function listFilter(
  auth: Parameters<typeof listOwner>[0],
  project: boolean | undefined,
): queries.RunbookFilter {
  const owner = listOwner(auth, 'runbook', project === true ? 'True' : undefined)
  if (owner === undefined) return null
  return project === true ? 'public' : { project: owner }
}

export const show: Handler<operations['runbooks.show']> = async (request) => {
  const { args } = request
  const row = await readableRunbook(request, args.runbook_ident)
  return { body: runbookSerializer(request, { fields: args.fields })(row) }
}

export const create: Handler<operations['runbooks.create']> = async (request) => {
  const { ctx, auth, body } = request
  auth.authorize('baremetal:runbook:create')
  refuseDuplicateSteps(body.steps)
  checkUuidMember(body.uuid)
  checkStepRules(auth, body.steps)
  const values = {
    uuid: body.uuid || randomUUID(),
    name: body.name,
    description: body.description ?? null,
    public: body.public ?? false,
    owner: ownerOfNew(auth, body.owner ?? null, body.public === true),
    disableRamdisk: body.disable_ramdisk ?? false,
    extra: body.extra ?? {},
  }
  const steps = body.steps.map((s) => ({ ...s, args: s.args ?? {}, order: Number(s.order) }))
  const row = await queries.insertRunbook(ctx.db.orm, values, steps, ctx.clock.now())
  return { body: runbookSerializer(request)(row), location: `/v1/runbooks/${row.uuid}` }
}

export const remove: Handler<operations['runbooks.delete']> = async (request) => {
  const { ctx, args } = request
  const row = await checkedRunbook(request, args.runbook_ident, ['baremetal:runbook:delete'])
  await queries.deleteRunbook(ctx.db.orm, row)
  return {}
}
