/** Who may see and use a runbook: its owner's project, and everybody when it is public. */
import { Forbidden, Invalid, PolicyForbidden } from '../../../errors.js'
import type { AuthContext } from '../../policy/types.js'
import type { ApiRequest } from '../../request.js'
import * as queries from './queries.js'

type Asking = Pick<ApiRequest<unknown>, 'ctx' | 'auth'>

/**
 * Finds a runbook and checks rules on it.
 * @throws ObjectNotFound 404, PolicyForbidden 403, Invalid 400
 */
export async function checkedRunbook(
  { ctx, auth }: Asking,
  ident: string,
  rules: readonly string[],
): Promise<queries.Runbook> {
  const row = await queries.getRunbook(ctx.db.orm, ident)
  for (const rule of rules) auth.authorize(rule, { 'runbook.owner': row.owner })
  return row
}

/** As `checkedRunbook` for reading, where a public runbook is anybody's. */
export async function readableRunbook(
  { ctx, auth }: Asking,
  ident: string,
): Promise<queries.Runbook> {
  const row = await queries.getRunbook(ctx.db.orm, ident)
  if (auth.can('baremetal:runbook:get', { 'runbook.owner': row.owner }) || row.public === true) {
    return row
  }
  throw new PolicyForbidden('baremetal:runbook:get')
}

/**
 * Checks the rules operators made for single steps.
 * @throws Forbidden 403 naming every step that is refused
 */
export function checkStepRules(
  auth: AuthContext,
  steps: readonly { readonly interface: string; readonly step: string }[],
): void {
  const refused = steps.filter(({ interface: kind, step }) => {
    const rule = `baremetal:step:execute:${kind}.${step}`
    return auth.knowsRule(rule) && !auth.can(rule)
  })
  if (refused.length === 0) return
  throw new Forbidden(
    refused
      .map((s) => `insufficient privileges to execute step ${s.step} on interface ${s.interface}`)
      .join('; '),
  )
}

/**
 * The owner of a new runbook: what a system-scoped caller says, else the caller's project.
 * @throws Invalid 400 when a project wants another's or a public one
 */
export function ownerOfNew(
  auth: AuthContext,
  wanted: string | null,
  isPublic: boolean,
): string | null {
  if (auth.systemScope === 'all') return wanted
  if (wanted !== null && wanted !== '' && wanted !== auth.projectId) {
    throw new Invalid(
      'Cannot create a runbook as a project scoped admin with an owner other than your own project.',
    )
  }
  if (auth.projectId !== null && isPublic) {
    throw new Invalid('Cannot create a public runbook as a project scoped admin.')
  }
  return auth.projectId
}
