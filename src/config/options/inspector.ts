import { bool } from '../declare.js'

/** `[inspector]`. */
export const inspector = {
  require_managed_boot: bool(true, 'In-band inspection wants a boot that the node manages.'),
} as const
