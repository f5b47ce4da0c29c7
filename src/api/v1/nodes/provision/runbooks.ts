import { asc, eq } from 'drizzle-orm'
import type { RunbookRow } from '../../../../db/rows.js'
import { runbooks, runbookSteps, runbookTraits } from '../../../../db/schema/index.js'
import type { Queryable } from '../../../../db/types.js'
import { Invalid, NotAcceptable, ObjectNotFound } from '../../../../errors.js'
import { isUuidLike } from '../../../../identifiers.js'
import { isLogicalName } from '../../../validation/formats.js'
import { pyRepr } from '../../../validation/python-repr.js'
import { features } from '../states/features.js'
import { traitsOf } from '../traits/queries.js'
import type { ProvisionCall } from './call.js'
import { refuseForbiddenSteps } from './step-policies.js'

/**
 * Replaces a call's runbook by its steps.
 * @throws NotAcceptable 406, ObjectNotFound 404, PolicyForbidden 403, Invalid 400
 */
export async function expandRunbook(call: ProvisionCall): Promise<ProvisionCall> {
  const { request, node, runbook: ident, target } = call
  if (ident === null) return call
  const known = features(request, 'ProvisionFeature')
  if (!known('runbook')) throw new NotAcceptable()
  const db = request.ctx.db.orm
  const runbook = await findRunbook(db, ident)
  request.auth.authorize('baremetal:runbook:use', { 'runbook.owner': runbook.owner })
  const traits = await traitsOf(db, node.id)
  if (known('runbook_traits')) await requireTrait(db, runbook, node.uuid, traits)
  else requireName(runbook, node.uuid, traits)
  const steps = await stepsOf(db, runbook)
  refuseOwnSteps(call)
  const expanded = {
    ...call,
    disableRamdisk: runbook.disableRamdisk,
    ...(target === 'clean' ? { cleanSteps: steps } : {}),
    ...(target === 'service' ? { serviceSteps: steps } : {}),
  }
  if (runbook.owner !== null && runbook.public !== true) {
    const chosen = expanded.cleanSteps.length > 0 ? expanded.cleanSteps : expanded.serviceSteps
    refuseForbiddenSteps(request.auth, node, chosen)
  }
  return expanded
}

/** @throws ObjectNotFound 404, Invalid 400 for what cannot be a name */
async function findRunbook(db: Queryable, ident: string): Promise<RunbookRow> {
  if (!isUuidLike(ident) && !isLogicalName(ident)) {
    throw new Invalid(`Expected a logical name or UUID but received ${ident}.`)
  }
  const column = isUuidLike(ident) ? runbooks.uuid : runbooks.name
  const [row] = await db.select().from(runbooks).where(eq(column, ident)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Runbook', ident)
  return row
}

async function requireTrait(
  db: Queryable,
  runbook: RunbookRow,
  node: string,
  nodeTraits: readonly string[],
): Promise<void> {
  const rows = await db
    .select({ trait: runbookTraits.trait })
    .from(runbookTraits)
    .where(eq(runbookTraits.runbookId, runbook.id))
  const wanted = rows.map((r) => r.trait).sort()
  if (wanted.length === 0) {
    throw new Invalid(
      `Runbook ${runbook.uuid} has no traits configured. Please ask an administrator to add traits to the runbook.`,
    )
  }
  if (!wanted.some((t) => nodeTraits.includes(t))) {
    throw new Invalid(
      `This runbook has not been approved for use on this node ${node}. The node does not have any of the runbook's traits ${pyRepr(wanted)}. Please ask an administrator to add a matching trait to your node.`,
    )
  }
}

/** Before runbooks had traits, a node named its runbooks by its own. */
function requireName(runbook: RunbookRow, node: string, nodeTraits: readonly string[]): void {
  if (nodeTraits.includes(runbook.name)) return
  throw new Invalid(
    `This runbook has not been approved for use on this node ${node}. Please ask an administrator to add it to your node traits.`,
  )
}

async function stepsOf(db: Queryable, runbook: RunbookRow): Promise<Record<string, unknown>[]> {
  const rows = await db
    .select()
    .from(runbookSteps)
    .where(eq(runbookSteps.runbookId, runbook.id))
    .orderBy(asc(runbookSteps.order), asc(runbookSteps.id))
  return rows.map((s) => ({ interface: s.interface, step: s.step, args: s.args, order: s.order }))
}

function refuseOwnSteps({ target, cleanSteps, serviceSteps }: ProvisionCall): void {
  const both =
    (target === 'clean' && cleanSteps.length > 0) ||
    (target === 'service' && serviceSteps.length > 0)
  if (both) {
    throw new Invalid(`Please provide either "${target}_steps" or a runbook, but not both.`)
  }
}
