import { optStr } from '../declare.js'

/** `[service_catalog]`. */
export const serviceCatalog = {
  endpoint_override: optStr('URL of the API that ramdisks are given.'),
} as const
