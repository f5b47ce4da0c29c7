import type { Principal } from '../../src/api/policy/principal.js'

/** A caller as the recorders of tests/auth/upstream write it: values of oslo.context. */
export interface RecordedCaller {
  readonly roles?: readonly string[]
  readonly user_id?: string
  readonly user_domain_id?: string
  readonly project_id?: string
  readonly project_name?: string
  readonly project_domain_id?: string
  readonly domain_id?: string
  readonly system_scope?: string
  readonly is_admin_project?: boolean
  readonly is_public_api?: boolean
}

/** The same caller as Ferric knows one. */
export function callerFrom(c: RecordedCaller): { principal: Principal; publicApi: boolean } {
  const principal: Principal = {
    userId: c.user_id ?? null,
    userDomainId: c.user_domain_id ?? null,
    projectId: c.project_id ?? null,
    projectName: c.project_name ?? null,
    projectDomainId: c.project_domain_id ?? null,
    domainId: c.domain_id ?? null,
    systemScope: c.system_scope ?? null,
    roles: c.roles ?? [],
    isAdminProject: c.is_admin_project ?? true,
    service: null,
  }
  return { principal, publicApi: c.is_public_api ?? false }
}
