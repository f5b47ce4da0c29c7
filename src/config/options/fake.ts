import { str } from '../declare.js'

const delay = (kind: string) =>
  str(
    '0',
    `Seconds every fake ${kind} operation takes; "A,B" draws from A to B, leaning towards A.`,
  )

/** `[fake]`: how slow the fake interfaces are. */
export const fake = {
  power_delay: delay('power'),
  boot_delay: delay('boot'),
  deploy_delay: delay('deploy'),
  vendor_delay: delay('vendor'),
  management_delay: delay('management'),
  inspect_delay: delay('inspect'),
  raid_delay: delay('raid'),
  bios_delay: delay('bios'),
  storage_delay: delay('storage'),
  rescue_delay: delay('rescue'),
  firmware_delay: delay('firmware'),
} as const
