import type { Document } from '../client.js'
import { linksOf } from '../json.js'
import { load, optional, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import type { System } from './system.js'

const shape = {
  id: optional('Id', text),
  uuid: optional('UUID', text),
  indicatorLed: optional('IndicatorLED', text),
  thermal: optional('Thermal/@odata.id', text),
  power: optional('Power/@odata.id', text),
  networkAdapters: optional('NetworkAdapters/@odata.id', text),
}
/** What a system is built into (Chassis). */
export type Chassis = Loaded<typeof shape> & { readonly document: Document }

/** @throws BmcError */
export async function chassisOf(talk: Talk, system: System): Promise<Chassis[]> {
  const found: Chassis[] = []
  for (const path of linksOf(system.chassis)) {
    const document = await talk.get(path)
    found.push({ ...load(shape, document), document })
  }
  return found
}
