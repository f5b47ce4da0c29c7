import { bool, int, list, optInt, optStr, str } from '../declare.js'

/** `[keystone_authtoken]`, as keystonemiddleware reads it. */
export const keystoneAuthtoken = {
  www_authenticate_uri: optStr('Public Keystone URL, named to clients that have no token.'),
  auth_url: optStr('Keystone URL this service uses.'),
  auth_type: str('password', 'How this service proves itself.', {
    choices: ['password', 'v3password', 'v3applicationcredential'],
    deprecatedNames: ['auth_plugin'],
  }),
  username: optStr('Service user.', { deprecatedNames: ['user_name', 'user-name'] }),
  password: optStr('Its password.', { secret: true }),
  user_id: optStr('Service user by id.'),
  user_domain_name: optStr('Domain of the service user, by name.'),
  user_domain_id: optStr('Domain of the service user, by id.'),
  project_name: optStr('Project of the service user.', { deprecatedNames: ['tenant_name'] }),
  project_id: optStr('Project by id.', { deprecatedNames: ['tenant_id'] }),
  project_domain_name: optStr('Domain of the project, by name.'),
  project_domain_id: optStr('Domain of the project, by id.'),
  system_scope: optStr('Scope of the service token instead of a project: all.'),
  application_credential_id: optStr('Application credential of the service.'),
  application_credential_name: optStr('The same by name, with the user.'),
  application_credential_secret: optStr('Its secret.', { secret: true }),
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
