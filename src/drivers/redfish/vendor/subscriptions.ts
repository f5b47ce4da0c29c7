import type { JsonObject } from '../../../db/columns.js'
import { MissingAttribute } from '../../../protocols/redfish/errors.js'
import { asArray, asObject } from '../../../protocols/redfish/json.js'
import { load, required, text } from '../../../protocols/redfish/loader.js'
import { pathOf, withoutSlash } from '../../../protocols/redfish/paths.js'
import { readRoot } from '../../../protocols/redfish/resources/service-root.js'
import type { Talk } from '../../../protocols/redfish/talk.js'

/** Event subscriptions (EventService, EventDestination), in the form the passthru answers. */

const shown = ['Id', 'Context', 'Protocol', 'Destination', 'EventTypes']
const shape = {
  subscriptions: required('Subscriptions/@odata.id', text),
}

async function service(talk: Talk): Promise<{ subscriptions: string; json: unknown }> {
  const { eventService } = await readRoot(talk)
  if (eventService === null) throw new MissingAttribute('EventService/@odata.id', '/redfish/v1/')
  const document = await talk.get(eventService)
  return { ...load(shape, document), json: document.json }
}

const common = (json: unknown): JsonObject =>
  Object.fromEntries(Object.entries(asObject(json)).filter(([key]) => shown.includes(key)))

/** The types of events the service sends. Those of the standard where it does not say. @throws BmcError */
export async function eventTypes(talk: Talk): Promise<string[]> {
  const listed = asArray(asObject((await service(talk)).json)['EventTypesForSubscription'])
  const names = listed.filter((type) => typeof type === 'string')
  return names.length > 0
    ? names
    : [
        'Alert',
        'MetricReport',
        'Other',
        'ResourceAdded',
        'ResourceRemoved',
        'ResourceUpdated',
        'StatusChange',
      ]
}

/** @throws BmcError */
export async function createSubscription(talk: Talk, args: JsonObject): Promise<JsonObject> {
  const { subscriptions } = await service(talk)
  const headers = asArray(args['HttpHeaders'])
  const answer = await talk.post(subscriptions, {
    Destination: args['Destination'],
    Protocol: args['Protocol'] ?? 'Redfish',
    Context: args['Context'] ?? '',
    EventTypes: args['EventTypes'] ?? ['Alert'],
    ...(headers.length > 0 ? { HttpHeaders: headers } : {}),
  })
  const location = answer.headers['location']
  return common(location === undefined ? answer.json : (await talk.get(pathOf(location))).json)
}

const one = async (talk: Talk, id: string): Promise<string> =>
  `${withoutSlash((await service(talk)).subscriptions)}/${encodeURIComponent(id)}`

/** @throws BmcError */
export async function readSubscription(talk: Talk, id: string): Promise<JsonObject> {
  return common((await talk.get(await one(talk, id))).json)
}

/** @throws BmcError */
export async function deleteSubscription(talk: Talk, id: string): Promise<void> {
  const path = await one(talk, id)
  await talk.get(path)
  await talk.delete(path)
}

/** The collection as the service shows it. @throws BmcError */
export async function listSubscriptions(talk: Talk): Promise<unknown> {
  return (await talk.get((await service(talk)).subscriptions)).json
}
