import type { RescueInterface } from '../interfaces.js'
import { nothing, refuse } from '../support.js'

/** `cleanUp` does nothing, as in upstream's base class: a tear-down calls it on every node. */
export const noRescue: RescueInterface = {
  name: 'no-rescue',
  kind: 'rescue',
  properties: {},
  validate: refuse('rescue'),
  rescue: refuse('rescue'),
  unrescue: refuse('rescue'),
  cleanUp: nothing,
}
