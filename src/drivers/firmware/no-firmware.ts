import type { FirmwareInterface } from '../interfaces.js'
import { nothing, refuse } from '../support.js'

/** Caching is silent: cleaning asks every node for it (`drivers/modules/noop.py`). */
export const noFirmware: FirmwareInterface = {
  name: 'no-firmware',
  kind: 'firmware',
  properties: {},
  validate: refuse('firmware'),
  cacheFirmwareComponents: nothing,
}
