import { bool, optStr } from '../declare.js'

/** `[oci]`. */
export const oci = {
  authentication_config: optStr('File of credentials for registries, as Docker keeps them.'),
  permit_fallback_to_http_transport: bool(false, 'Ask registries that speak no TLS without it.'),
} as const
