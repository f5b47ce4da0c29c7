import { optStr } from '../declare.js'

/** `[nfs]`: a share from which BMCs take virtual media. */
export const nfs = {
  base_url: optStr('URL of the share for BMCs, such as nfs://server/export.'),
  share_path: optStr('Directory at which the share is mounted here.'),
} as const

/** `[cifs]`: the same with an account. */
export const cifs = {
  base_url: optStr('URL of the share for BMCs, such as cifs://server/share.'),
  share_path: optStr('Directory at which the share is mounted here.'),
  username: optStr('User that BMCs log in to the share as.'),
  password: optStr("That user's password.", { secret: true }),
} as const
