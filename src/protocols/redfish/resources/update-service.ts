import { HttpFault, MissingAction, MissingAttribute, BmcError } from '../errors.js'
import { load, optional, text } from '../loader.js'
import type { Talk } from '../talk.js'
import { pathOf } from '../paths.js'
import { readRoot } from './service-root.js'

const shape = { target: optional('Actions/#UpdateService.SimpleUpdate/target', text) }

/**
 * Has the service fetch and install an image. A service that insists on targets is told the system;
 * it refused the first request, so nothing happens twice.
 * @param targets only where the service manages several systems
 * @returns the monitor of the task
 * @throws BmcError
 */
export async function simpleUpdate(
  talk: Talk,
  image: string,
  system: string,
  targets: readonly string[] | null,
): Promise<string> {
  const { updateService } = await readRoot(talk)
  if (updateService === null) {
    throw new MissingAttribute('UpdateService/@odata.id', '/redfish/v1/')
  }
  const { target } = load(shape, await talk.get(updateService))
  if (target === null) throw new MissingAction('#UpdateService.SimpleUpdate', updateService)
  const body = { ImageURI: image, ...(targets === null ? {} : { Targets: targets }) }
  try {
    return await send(talk, target, body)
  } catch (error) {
    const wants = error instanceof HttpFault && error.status === 400 && error.says('Targets')
    if (!wants || targets !== null) throw error
    return await send(talk, target, { ...body, Targets: [system] })
  }
}

async function send(talk: Talk, target: string, body: unknown): Promise<string> {
  const answer = await talk.post(target, body)
  const location = answer.monitor ?? answer.headers['location'] ?? null
  if (location !== null) return pathOf(location)
  throw new BmcError(`Response to ${target} did not contain a Location header`)
}
