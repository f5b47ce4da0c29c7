/** Believes headers as a service behind keystonemiddleware would. Only tests may do that. */
import { principalContexts } from '../../src/api/auth/authenticator.js'
import type { Authenticate } from '../../src/api/auth/authenticator.js'
import { isPublicPath } from '../../src/api/auth/public-paths.js'
import type { AppContext } from '../../src/context.js'

export function headerAuthenticator(ctx: Pick<AppContext, 'config'>): Authenticate {
  const asContext = principalContexts(ctx)
  return (request, path) => {
    const header = (name: string) => request.headers.get(name)
    const principal = {
      userId: header('X-User-Id'),
      userDomainId: null,
      projectId: header('X-Project-Id'),
      projectName: header('X-Project-Name'),
      projectDomainId: header('X-Project-Domain-Id'),
      isAdminProject: true,
      service: null,
      domainId: header('X-Domain-Id'),
      systemScope: header('OpenStack-System-Scope'),
      roles: (header('X-Roles') ?? '').split(',').filter((r) => r !== ''),
    }
    return Promise.resolve(asContext(principal, isPublicPath(path)))
  }
}
