import { optStr } from '../declare.js'
import { serviceCredentials } from './service-credentials.js'

/** `[swift]`. */
export const swift = {
  ...serviceCredentials('Swift', 'object-store'),
  endpoint_override: optStr('URL of Swift, with version and account, instead of the catalogue’s.'),
} as const
