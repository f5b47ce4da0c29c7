import { bool, optStr } from '../declare.js'

/** `[anaconda]`. */
export const anaconda = {
  default_ks_template: optStr(
    'Path of the kickstart template for instances that name none; Ferric’s own unless given.',
  ),
  insecure_heartbeat: bool(false, 'Let installers report without checking the certificate.'),
} as const
