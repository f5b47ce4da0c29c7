import type { BiosInterface } from '../interfaces.js'
import { nothing, refuse } from '../support.js'

/** Caching is silent: cleaning asks every node for it (`drivers/modules/noop.py`). */
export const noBios: BiosInterface = {
  name: 'no-bios',
  kind: 'bios',
  properties: {},
  validate: refuse('bios'),
  cacheBiosSettings: nothing,
}
