/** Who asks: `[DEFAULT] auth_strategy` and the policy that goes with it. */
import type { AppContext } from '../../context.js'
import { createKeystoneClient, KeystoneUnavailable } from '../../openstack/keystone/client.js'
import type { TokenDocument } from '../../openstack/keystone/client.js'
import { keystoneOptions } from '../../openstack/keystone/settings.js'
import { createTokenValidator, type TokenValidator } from '../../openstack/keystone/validator.js'
import { createPolicyEngine, type PolicyEngine } from '../policy/engine.js'
import { loadPolicyFiles } from '../policy/file.js'
import { noauthContext } from '../policy/noauth.js'
import { authContext, type Principal } from '../policy/principal.js'
import type { AuthContext } from '../policy/types.js'
import { checkBasic } from './basic.js'
import { openPasswordFile } from './htpasswd.js'
import { openPrincipals, type Principals } from './principals.js'
import { isPublicPath } from './public-paths.js'
import { basicRefused, keystoneDown, keystoneUnauthorized } from './refused.js'

/**
 * Returns the caller of a request.
 * @param address of the client's connection
 * @throws AuthRefused 400, 401, 429 or 503
 */
export type Authenticate = (
  request: Request,
  path: string,
  address?: string,
) => Promise<AuthContext>

const nobody: Principal = {
  userId: null,
  projectId: null,
  projectName: null,
  projectDomainId: null,
  userDomainId: null,
  domainId: null,
  systemScope: null,
  roles: [],
  isAdminProject: true,
  service: null,
}

/**
 * Builds the check for the configured strategy.
 * @throws Error when a file or option it needs is missing or wrong
 */
export async function createAuthenticator(ctx: AppContext): Promise<Authenticate> {
  const strategy = ctx.config.DEFAULT.auth_strategy
  if (strategy === 'keystone') return keystone(ctx)
  if (strategy === 'http_basic') return httpBasic(ctx)
  return () => Promise.resolve(noauthContext)
}

/** Rules in force for this configuration. */
export function policyOf(ctx: Pick<AppContext, 'config'>): PolicyEngine {
  const options = ctx.config.oslo_policy
  return createPolicyEngine({
    overrides: loadPolicyFiles(options),
    enforceNewDefaults: options.enforce_new_defaults,
    enforceScope: options.enforce_scope,
    defaultRule: options.policy_default_rule,
  })
}

type AsContext = (principal: Principal, publicApi: boolean) => AuthContext

/** Ties callers to the rules in force for this configuration. */
export function principalContexts(ctx: Pick<AppContext, 'config'>): AsContext {
  const engine = policyOf(ctx)
  const { rbac_service_role_elevated_access: elevated, rbac_service_project_name: name } =
    ctx.config.DEFAULT
  const serviceProjectName = elevated ? name : null
  return (principal, publicApi) => authContext(engine, principal, { publicApi, serviceProjectName })
}

function keystone(ctx: AppContext): Authenticate {
  const settings = ctx.config.keystone_authtoken
  const client = createKeystoneClient(keystoneOptions(settings))
  const validator = createTokenValidator(client, ctx.clock, settings.token_cache_time)
  const asContext = principalContexts(ctx)
  const uri = settings.www_authenticate_uri ?? settings.auth_url
  return async (request, path) => {
    const open = isPublicPath(path)
    const token = request.headers.get('X-Auth-Token')
    if (open) return asContext(nobody, true)
    if (token === null) throw keystoneUnauthorized(uri)
    try {
      const principal = await keystonePrincipal(token, request, validator, settings)
      if (principal === null) throw keystoneUnauthorized(uri)
      return asContext(principal, false)
    } catch (e) {
      if (!(e instanceof KeystoneUnavailable)) throw e
      ctx.log.api.error({ error: e }, 'a token could not be validated')
      throw keystoneDown()
    }
  }
}

/**
 * Whose a token is; null when it is nobody's. A service token that is none spoils a good token, and
 * a good one lets a token go on that expired while the service did its work.
 */
async function keystonePrincipal(
  token: string,
  request: Request,
  validator: TokenValidator,
  settings: AppContext['config']['keystone_authtoken'],
): Promise<Principal | null> {
  const serviceToken = request.headers.get('X-Service-Token')
  if (serviceToken === null) return principalOrNull(await validator.validate(token))
  const service = await validator.validate(serviceToken)
  if (service === null) return null
  const roles = new Set((service.roles ?? []).map((r) => r.name))
  const trusted = settings.service_token_roles.some((r) => roles.has(r))
  if (!trusted && settings.service_token_roles_required) return null
  const document = await validator.validate(token, trusted)
  return document === null ? null : { ...principalOf(document), service: principalOf(service) }
}

const principalOrNull = (t: TokenDocument | null): Principal | null =>
  t === null ? null : principalOf(t)

function principalOf(t: TokenDocument): Principal {
  return {
    userId: t.user.id,
    userDomainId: t.user.domain?.id ?? null,
    projectId: t.project?.id ?? null,
    projectName: t.project?.name ?? null,
    projectDomainId: t.project?.domain?.id ?? null,
    domainId: t.domain?.id ?? null,
    systemScope: t.system?.all === true ? 'all' : null,
    roles: (t.roles ?? []).map((r) => r.name),
    isAdminProject: t.is_admin_project ?? true,
    service: null,
  }
}

/**
 * Passwords, and static tokens where a principals file is named. Without that file every user
 * may do everything, as upstream has it; with it the policy holds for everybody in it, and
 * nobody else comes in.
 */
async function httpBasic(ctx: AppContext): Promise<Authenticate> {
  const warn = (problem: string) => ctx.log.api.error(problem)
  const path = ctx.config.DEFAULT.http_basic_auth_user_file
  const file = await openPasswordFile(path, ctx.clock, warn)
  const mapping = ctx.config.ferric.principals_file
  const refused = (error: unknown) =>
    ctx.log.api.error(
      { error },
      'the changed principals file is not valid; the earlier one is in force',
    )
  const inForce = mapping === null ? () => null : openPrincipals(mapping, ctx.clock, refused)
  const asContext = principalContexts(ctx)
  return async (request, place, address) => {
    const principals = inForce()
    if (isPublicPath(place)) return principals === null ? noauthContext : asContext(nobody, true)
    const byToken = staticToken(request, principals)
    if (byToken !== null) return asContext(byToken, false)
    const user = await checkBasic(request.headers.get('Authorization'), file, address)
    if (principals === null) return { ...noauthContext, userId: user }
    const principal = principals.forUser(user)
    if (principal === null) throw basicRefused(401, 'Incorrect username or password')
    return asContext(principal, false)
  }
}

function staticToken(request: Request, principals: Principals | null): Principal | null {
  const token = request.headers.get('X-Auth-Token')
  return token === null || principals === null ? null : principals.forToken(token)
}
