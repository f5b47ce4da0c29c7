import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/db/columns.js'
import { installationOf } from '../../../src/drivers/boot/network/installation.js'
import { web } from '../../images/_util/web.js'
import { testTask } from '../_util/task.js'

const id = '5dcda4a0-27d1-4aa6-93a3-1f7bbc1e4c0f'
const properties = { kernel_id: 'k', ramdisk_id: 'r', stage2_id: 's', ks_template: 't' }

/** Reads `instance_info` with an image of these properties in Glance. */
async function installation(info: JsonObject, change: JsonObject = {}) {
  const { url } = await web((request, response) => {
    const found = request.url === `/v2/images/${id}`
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ id, status: 'active', size: 1, ...properties, ...change }))
  })
  const glance = { auth_type: 'none', endpoint_override: url }
  const instanceInfo = { image_source: id, ...info }
  return await installationOf(await testTask({ node: { instanceInfo }, config: { glance } }))
}

describe('what Anaconda installs of an image in Glance', () => {
  const all = {
    kernel: 'k',
    ramdisk: 'r',
    stage2: 's',
    template: 't',
    repository: false,
  }
  it.each([
    ['as its properties say', {}, {}, all],
    ['without a template', {}, { ks_template: null }, { ...all, template: null }],
    [
      'with a kernel and a ramdisk of the instance',
      { kernel: 'K', ramdisk: 'R' },
      {},
      { ...all, kernel: 'K', ramdisk: 'R' },
    ],
    ['with a kernel alone, which does not count', { kernel: 'K' }, {}, all],
    [
      'with a second stage of the instance',
      { stage2: 'S' },
      { stage2_id: null },
      { ...all, stage2: 'S' },
    ],
    ['with a template of the instance', { ks_template: 'T' }, {}, { ...all, template: 'T' }],
  ])('%s', async (_, info, change, expected) => {
    expect(await installation(info, change)).toEqual(expected)
  })

  it('needs all of them', async () => {
    const work = installation({}, { kernel_id: null, ramdisk_id: null, stage2_id: null })
    await expect(work).rejects.toThrow(
      `Image ${id} is missing the following properties: kernel_id, ramdisk_id, stage2_id`,
    )
  })
})
