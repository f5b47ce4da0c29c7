import { int, optStr } from '../declare.js'
import { serviceCredentials } from './service-credentials.js'

/** `[glance]`. */
export const glance = {
  ...serviceCredentials('Glance', 'image'),
  endpoint_override: optStr('URL of Glance instead of the catalogue’s.', {
    deprecatedNames: ['glance_api_servers'],
  }),
  num_retries: int(0, 'Attempts after a failed one.', {
    min: 0,
    deprecatedNames: ['glance_num_retries'],
  }),
} as const
