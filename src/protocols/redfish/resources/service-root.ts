import { load, optional, raw, text, truth, type Loaded } from '../loader.js'
import { asObject } from '../json.js'
import type { Talk } from '../talk.js'

const shape = {
  version: optional('RedfishVersion', text),
  vendor: optional('Vendor', text),
  product: optional('Product', text),
  systems: optional('Systems/@odata.id', text),
  managers: optional('Managers/@odata.id', text),
  chassis: optional('Chassis/@odata.id', text),
  registries: optional('Registries/@odata.id', text),
  updateService: optional('UpdateService/@odata.id', text),
  eventService: optional('EventService/@odata.id', text),
  sessionService: optional('SessionService/@odata.id', text),
  expandNoLinks: optional('ProtocolFeaturesSupported/ExpandQuery/NoLinks', truth),
  oem: optional('Oem', raw),
}

/** What the service is, and where things are (ServiceRoot). */
export type ServiceRoot = Loaded<typeof shape> & { readonly oemVendors: readonly string[] }

/** @throws BmcError */
export async function readRoot(talk: Talk): Promise<ServiceRoot> {
  const root = load(shape, await talk.root())
  return { ...root, oemVendors: Object.keys(asObject(root.oem)) }
}
