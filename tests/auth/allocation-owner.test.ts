/**
 * Whose a new allocation is, with the new and with the old defaults.
 * Source: `AllocationsController._authorize_create_allocation` and `post`, as facts.
 */
import { expect, it } from 'vitest'
import { createPolicyEngine } from '../../src/api/policy/engine.js'
import { authContext } from '../../src/api/policy/principal.js'
import { ownerOfNew } from '../../src/api/v1/allocations/access.js'
import { IronicError } from '../../src/errors.js'
import { callerFrom, type RecordedCaller } from './_recorded-caller.js'

const callers: Record<string, RecordedCaller> = {
  'a system admin': { roles: ['admin', 'member', 'reader'], system_scope: 'all' },
  'a project admin': { roles: ['admin', 'member', 'reader'], project_id: 'p1' },
  'an admin of another project': { roles: ['admin'], project_id: 'p1', is_admin_project: false },
  'a member': { roles: ['member', 'reader'], project_id: 'p1' },
  'a reader': { roles: ['reader'], project_id: 'p1' },
}

function owner(who: string, wanted: string | null, newDefaults: boolean): string | number | null {
  const engine = createPolicyEngine({ enforceNewDefaults: newDefaults })
  const { principal } = callerFrom(callers[who] ?? {})
  const auth = authContext(engine, principal, { publicApi: false, serviceProjectName: null })
  try {
    return ownerOfNew(auth, wanted, newDefaults)
  } catch (e) {
    if (e instanceof IronicError) return e.status
    throw e
  }
}

it.each([
  ['a system admin', null, null, 500],
  ['a system admin', 'p2', 'p2', 'p2'],
  ['a project admin', null, 'p1', null],
  ['a project admin', 'p1', 'p1', 'p1'],
  ['a project admin', 'p2', 403, 'p2'],
  ['an admin of another project', null, 403, 403],
  ['a member', null, 'p1', 'p1'],
  ['a member', 'p1', 'p1', 'p1'],
  ['a member', 'p2', 403, 'p2'],
  ['a reader', null, 403, 403],
  ['a reader', 'p2', 403, 403],
] as const)('%s who asks for %s: %s, with the old defaults %s', (who, wanted, now, before) => {
  expect([owner(who, wanted, true), owner(who, wanted, false)]).toEqual([now, before])
})
