import type { AuthContext } from './types.js'

/**
 * Whose objects a list may show, where owners are projects (docs/reference/policy.json, `filtering`).
 * @param kind `allocation`, `runbook`: the middle of the rules' names
 * @param owner the owner the client filters by
 * @returns the owner to filter by, or undefined for all
 * @throws PolicyForbidden 403
 */
export function listOwner(
  auth: AuthContext,
  kind: string,
  owner: string | undefined,
): string | undefined {
  const all = `baremetal:${kind}:list_all`
  if (auth.can(all)) return owner
  const own = auth.projectId
  if (own === null || (owner !== undefined && owner !== own)) auth.authorize(all)
  auth.authorize(`baremetal:${kind}:list`)
  return own ?? owner
}
