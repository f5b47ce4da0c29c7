import { bool, int, list, optStr, str } from '../declare.js'

/** `[glance]`. */
export const glance = {
  auth_url: optStr('Keystone URL. Without it Glance is asked without a token.'),
  auth_type: str('password', 'How this service proves itself.', {
    choices: ['none', 'password', 'v3password', 'v3applicationcredential'],
  }),
  username: optStr('Service user.'),
  password: optStr('Its password.', { secret: true }),
  user_id: optStr('Service user by id.'),
  user_domain_name: optStr('Domain of the service user, by name.'),
  user_domain_id: optStr('Domain of the service user, by id.'),
  project_name: optStr('Project of the service user.'),
  project_id: optStr('Project by id.'),
  project_domain_name: optStr('Domain of the project, by name.'),
  project_domain_id: optStr('Domain of the project, by id.'),
  system_scope: optStr('Scope of the service token instead of a project: all.'),
  application_credential_id: optStr('Application credential of the service.'),
  application_credential_name: optStr('The same by name, with the user.'),
  application_credential_secret: optStr('Its secret.', { secret: true }),
  cafile: optStr('CA certificates of Keystone and Glance.'),
  insecure: bool(false, 'Do not verify the certificates of Keystone and Glance.'),
  endpoint_override: optStr('URL of Glance instead of the catalogue’s.', {
    deprecatedNames: ['glance_api_servers'],
  }),
  service_type: str('image', 'Service type in the catalogue.'),
  region_name: optStr('Region in the catalogue.'),
  valid_interfaces: list(['internal', 'public'], 'Interfaces in the catalogue, best first.'),
  num_retries: int(0, 'Attempts after a failed one.', {
    min: 0,
    deprecatedNames: ['glance_num_retries'],
  }),
} as const
