import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { tempUrl } from '../../openstack/swift/temp-url.js'
import type { Task } from '../interfaces.js'

/**
 * Where an agent may fetch an image of Glance from Swift, without logging in
 * (`glance_service.image_service.swift_temp_url`).
 * @param id of the image
 * @throws MissingParameterValue, InvalidParameterValue for options that are unset or contradict
 */
export function swiftUrl({ ctx }: Task, id: string): string {
  const { glance } = ctx.config
  if (glance.swift_temp_url_duration < glance.swift_temp_url_expected_download_start_delay) {
    throw new InvalidParameterValue(
      '"swift_temp_url_duration" must be greater than or equal to "[glance]swift_temp_url_expected_download_start_delay" option, otherwise the Swift temporary URL may expire before the download starts.',
    )
  }
  const endpoint = required(glance.swift_endpoint_url, 'swift_endpoint_url', 'a Swift endpoint URL')
  const account = required(glance.swift_account, 'swift_account', 'an account')
  const key = required(glance.swift_temp_url_key, 'swift_temp_url_key', 'a shared secret')
  // What stands in catalogues ends in version and account.
  const base = endpoint.replace(/\/v1\/[^/]+\/?$/, '')
  const seed = glance.swift_store_multiple_containers_seed
  const container = glance.swift_container + (seed === 0 ? '' : `_${seededPart(id, seed)}`)
  const path = `/${glance.swift_api_version}/${account}/${container}/${id}`
  const expiresAt = new Date(ctx.clock.now().getTime() + glance.swift_temp_url_duration * 1000)
  return tempUrl({ endpoint: base, path, key, expiresAt })
}

function required(value: string | null, option: string, what: string): string {
  if (value) return value
  throw new MissingParameterValue(
    `Swift temporary URLs require ${what}. You must provide "${option}" as a config option.`,
  )
}

/** Glance spreads images over containers by the beginning of their ids; dashes do not count. */
function seededPart(id: string, seed: number): string {
  const lower = id.toLowerCase()
  const dashes = lower.slice(0, seed).split('-').length - 1
  return lower.slice(0, seed + dashes)
}
