import { bool, int, list, optInt, optStr, str } from '../declare.js'
import { serviceUser } from './service-credentials.js'

/** `[keystone_authtoken]`, as keystonemiddleware reads it. */
export const keystoneAuthtoken = {
  www_authenticate_uri: optStr('Public Keystone URL, named to clients that have no token.'),
  auth_url: optStr('Keystone URL this service uses.'),
  auth_type: str('password', 'How this service proves itself.', {
    choices: ['password', 'v3password', 'v3applicationcredential'],
    deprecatedNames: ['auth_plugin'],
  }),
  ...serviceUser,
  username: optStr('Service user.', { deprecatedNames: ['user_name', 'user-name'] }),
  project_name: optStr('Project of the service user.', { deprecatedNames: ['tenant_name'] }),
  project_id: optStr('Project by id.', { deprecatedNames: ['tenant_id'] }),
  cafile: optStr('CA certificates Keystone is verified with.'),
  insecure: bool(false, 'Do not verify the certificate of Keystone.'),
  token_cache_time: int(300, 'Seconds a validated token is kept.', { min: -1 }),
  http_connect_timeout: optInt('Seconds one request to Keystone may take; 10 unless set.', {
    min: 1,
  }),
  http_request_max_retries: int(3, 'Attempts to reach Keystone.', { min: 0 }),
  service_token_roles: list(['service'], 'Roles that make a token a service token.'),
  service_token_roles_required: bool(true, 'A service token needs one of those roles.'),
} as const
