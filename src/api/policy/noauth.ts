import type { AuthContext } from './types.js'

/** Really evaluated even where nobody is asked who they are (docs/reference/policy.json, enforcement modes). */
const masking = new Set(['show_password', 'show_instance_secrets'])

/**
 * `auth_strategy = noauth`: everybody may do everything, but secrets stay masked.
 */
export const noauthContext: AuthContext = {
  userId: null,
  projectId: null,
  roles: [],
  systemScope: null,
  can: (rule) => !masking.has(rule),
  authorize: () => undefined,
  knowsRule: () => false,
}
