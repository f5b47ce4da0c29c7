import { MissingAttribute } from '../errors.js'
import { load, number, optional, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { members } from './collection.js'
import type { System } from './system.js'

const shape = {
  id: optional('Id', text),
  name: optional('Name', text),
  mac: optional('MACAddress', text),
  permanentMac: optional('PermanentMACAddress', text),
  speedMbps: optional('SpeedMbps', number),
  state: optional('Status/State', text),
}
/** A port the system sees (EthernetInterface). */
export type EthernetInterface = Loaded<typeof shape>

/** @throws BmcError, MissingAttribute when the service does not show them */
export async function ethernetInterfaces(talk: Talk, system: System): Promise<EthernetInterface[]> {
  if (system.ethernetInterfaces === null) {
    throw new MissingAttribute('EthernetInterfaces/@odata.id', system.document.path)
  }
  const documents = await members(talk, system.ethernetInterfaces)
  return documents.map((document) => load(shape, document))
}
