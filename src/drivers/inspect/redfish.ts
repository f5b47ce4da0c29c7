import { redfishProperties, validateRedfish } from '../driver-info/redfish.js'
import type { InspectInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Inspection by Redfish (`drivers/modules/redfish/inspect.py`). */
export const redfishInspect: InspectInterface = {
  name: 'redfish',
  kind: 'inspect',
  properties: redfishProperties,
  validate: validateRedfish,
  inspectHardware: refuse('inspect_hardware'),
}
export const idracInspect: InspectInterface = { ...redfishInspect, name: 'idrac-redfish' }
