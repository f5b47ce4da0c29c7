import { bool, list, optStr, str } from '../declare.js'

/** Who a service is to Keystone, by password or application credential. */
export const serviceUser = {
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
} as const

/**
 * The options of keystoneauth for one OpenStack service, as they stand in its group.
 * @param name the service, for the help texts
 * @param serviceType its type in the catalogue
 */
export const serviceCredentials = (name: string, serviceType: string) =>
  ({
    auth_url: optStr(`Keystone URL. Without it ${name} is asked without a token.`),
    auth_type: str('password', 'How this service proves itself.', {
      choices: ['none', 'password', 'v3password', 'v3applicationcredential'],
    }),
    ...serviceUser,
    cafile: optStr(`CA certificates of Keystone and ${name}.`),
    insecure: bool(false, `Do not verify the certificates of Keystone and ${name}.`),
    service_type: str(serviceType, 'Service type in the catalogue.'),
    region_name: optStr('Region in the catalogue.'),
    valid_interfaces: list(['internal', 'public'], 'Interfaces in the catalogue, best first.'),
  }) as const
