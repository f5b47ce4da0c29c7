import type { Credentials } from './scope.js'
import type { PolicyEngine } from './engine.js'
import type { AuthContext } from './types.js'

/** Who a token or password stands for. */
export interface Principal {
  readonly userId: string | null
  readonly projectId: string | null
  readonly projectName: string | null
  readonly projectDomainId: string | null
  readonly userDomainId: string | null
  readonly domainId: string | null
  readonly systemScope: string | null
  readonly roles: readonly string[]
  /** False only where Keystone says that the project is not the administrators'. */
  readonly isAdminProject: boolean
  /** The service that asks in the user's name, where a service token came with the request. */
  readonly service: ServicePrincipal | null
}

export type ServicePrincipal = Pick<
  Principal,
  'userId' | 'userDomainId' | 'projectId' | 'projectDomainId' | 'roles'
>

export interface PrincipalOptions {
  /** The request is for one of the public paths. */
  readonly publicApi: boolean
  /** `[DEFAULT] rbac_service_project_name` where elevated access is on. */
  readonly serviceProjectName: string | null
}

/** Ties a caller to the rules. */
export function authContext(
  engine: PolicyEngine,
  principal: Principal,
  options: PrincipalOptions,
): AuthContext {
  const credentials = credentialsOf(principal, options)
  const { serviceProjectName } = options
  const common =
    serviceProjectName === null ? {} : { 'config.service_project_name': serviceProjectName }
  return {
    userId: principal.userId,
    projectId: principal.projectId,
    roles: principal.roles,
    systemScope: principal.systemScope,
    can: (rule, target = {}) => engine.holds(rule, credentials, { ...common, ...target }),
    authorize: (rule, target = {}) => engine.enforce(rule, credentials, { ...common, ...target }),
    knowsRule: (rule) => engine.knows(rule),
  }
}

/** What the checks may look at of a caller (`RequestContext.to_policy_values` of oslo.context). */
export function credentialsOf(p: Principal, options: PrincipalOptions): Credentials {
  const { service } = p
  return {
    roles: p.roles,
    values: {
      user_id: p.userId,
      project_id: p.projectId,
      project_name: p.projectName,
      project_domain_id: p.projectDomainId,
      user_domain_id: p.userDomainId,
      domain_id: p.domainId,
      system_scope: p.systemScope,
      roles: p.roles,
      is_admin_project: p.isAdminProject,
      is_public_api: options.publicApi,
      service_user_id: service?.userId ?? null,
      service_user_domain_id: service?.userDomainId ?? null,
      service_project_id: service?.projectId ?? null,
      service_project_domain_id: service?.projectDomainId ?? null,
      service_roles: service?.roles ?? [],
    },
  }
}
