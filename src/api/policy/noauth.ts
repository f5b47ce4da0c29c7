import type { AuthContext } from './types.js'

/** `auth_strategy = noauth`: everybody may do everything. */
export const noauthContext: AuthContext = {
  userId: null,
  projectId: null,
  roles: [],
  systemScope: null,
  can: () => true,
  authorize: () => undefined,
}
