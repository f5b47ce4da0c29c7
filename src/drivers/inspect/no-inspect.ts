import type { InspectInterface } from '../interfaces.js'
import { refuse } from '../support.js'

export const noInspect: InspectInterface = {
  name: 'no-inspect',
  kind: 'inspect',
  properties: {},
  validate: refuse('inspect'),
  inspectHardware: refuse('inspect'),
}
