import { redfishProperties, validateRedfish } from '../driver-info.js'
import type { ConsoleInterface } from '../../interfaces.js'
import { refuse } from '../../support.js'

/** The BMC's screen in a browser (`drivers/modules/redfish/graphical_console.py`). */
export const redfishGraphicalConsole: ConsoleInterface = {
  name: 'redfish-graphical',
  kind: 'console',
  properties: redfishProperties,
  validate: validateRedfish,
  startConsole: refuse('start_console'),
  stopConsole: refuse('stop_console'),
  getConsole: refuse('get_console'),
}
