import { optStr, str } from '../declare.js'

/** `[redfish]`. */
export const redfish = {
  auth_type: str('auto', 'How to log in to BMCs: auto tries a session and falls back to basic.', {
    choices: ['basic', 'session', 'auto'],
  }),
  verify_ca: optStr('CA bundle for BMCs whose redfish_verify_ca is missing or true.'),
  tls_minimum_version: optStr('Lowest TLS version BMCs are spoken to with.', {
    choices: ['1.1', '1.2', '1.3'],
  }),
  tls_ciphers: optStr('OpenSSL cipher list for BMCs.'),
} as const
