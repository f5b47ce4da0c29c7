import { describe, expect, it } from 'vitest'
import type { ConfigOverrides } from '../../../src/config/index.js'
import { swiftUrl } from '../../../src/drivers/deploy/swift-image.js'
import { testTask } from '../_util/task.js'

const id = '5dcda4a0-27d1-4aa6-93a3-1f7bbc1e4c0f'
const glance = {
  swift_endpoint_url: 'https://swift.test/v1/AUTH_a1b2',
  swift_account: 'AUTH_a1b2',
  swift_temp_url_key: 'a key of Swift',
} satisfies ConfigOverrides['glance']
const urlWith = async (more: ConfigOverrides['glance'] = {}) =>
  // Expires at 1767226800.
  swiftUrl(
    await testTask({ config: { glance: { ...glance, ...more } }, now: new Date(1767225600_000) }),
    id,
  )

describe('the URL of an image in Swift', () => {
  /** As python-swiftclient 4.11.0 signs them. */
  it.each([
    [
      0,
      `/v1/AUTH_a1b2/glance/${id}?temp_url_sig=f4b4889c48631996b10399ab775918001643f178124713f5f65de947dda7795f&temp_url_expires=1767226800`,
    ],
    [
      9,
      `/v1/AUTH_a1b2/glance_5dcda4a0-2/${id}?temp_url_sig=0d480c72462a87e57e33483a2370690ef2cea6be397bc13ae64cf99146ca36a1&temp_url_expires=1767226800`,
    ],
  ])('is signed, in a container by %i characters', async (seed, path) => {
    const url = await urlWith({ swift_store_multiple_containers_seed: seed })
    expect(url).toBe(`https://swift.test${path}`)
  })

  it.each([
    [{ swift_temp_url_key: null }, 'You must provide "swift_temp_url_key" as a config option.'],
    [{ swift_endpoint_url: null }, 'You must provide "swift_endpoint_url" as a config option.'],
    [{ swift_account: null }, 'You must provide "swift_account" as a config option.'],
    [{ swift_temp_url_expected_download_start_delay: 1201 }, 'must be greater than or equal to'],
  ])('needs what signs it (%o)', async (more, text) => {
    await expect(urlWith(more)).rejects.toThrow(text)
  })
})
