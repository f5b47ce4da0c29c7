import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { describeImage, openImage } from '../../src/images/open.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { web } from './_util/web.js'

const id = '5dcda4a0-27d1-4aa6-93a3-1f7bbc1e4c0f'
const image = {
  id,
  status: 'active',
  size: 7,
  disk_format: 'raw',
  os_hash_value: 'abc',
  kernel_id: 'k',
}

/** Keystone and Glance in one; the first token is worth nothing to Glance. */
async function cloud(change: Partial<typeof image> = {}, tokens = ['one', 'two']) {
  const given = [...tokens]
  const server = await web((request, response) => {
    const { url = '', headers } = request
    const json = (status: number, body: unknown, more = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...more })
        .end(JSON.stringify(body))
    if (url === '/v3/auth/tokens') {
      const endpoints = [
        { interface: 'public', region_id: 'A', url: 'http://127.0.0.1:1' },
        { interface: 'internal', region_id: 'A', url: `http://${headers.host}/image` },
      ]
      const token = { expires_at: '2999-01-01T00:00:00Z', catalog: [{ type: 'image', endpoints }] }
      return json(201, { token }, { 'x-subject-token': given.shift() ?? 'last' })
    }
    if (headers['x-auth-token'] !== tokens.at(-1)) return json(401, {})
    if (url === `/image/v2/images/${id}`) return json(200, { ...image, ...change })
    if (url === `/image/v2/images/${id}/file`) return response.writeHead(200).end('content')
    return json(404, {})
  })
  const glance = {
    auth_url: server.url,
    username: 'u',
    password: 'p',
    project_name: 'service',
    region_name: 'A',
  }
  return { ...server, ctx: imageContext(await tempDir(), { glance }) }
}

describe('an image of Glance', () => {
  it.each([id, `glance://${id}`])('is described and opened as %s', async (href) => {
    const { ctx, asked } = await cloud()
    const info = await describeImage(ctx, href, soon())
    expect(info).toMatchObject({ size: 7, etag: 'abc', glance: { kernel_id: 'k' } })
    const { stream } = await openImage(ctx, href, { signal: soon() })
    expect(await text(stream)).toBe('content')
    expect(asked.filter(({ path }) => path === '/v3/auth/tokens').length).toBe(2)
  })

  it('must be active', async () => {
    const { ctx } = await cloud({ status: 'queued' })
    await expect(describeImage(ctx, id, soon())).rejects.toThrow(
      `Image ${id} is unacceptable: The image is required to be in an active state.`,
    )
  })

  it('must be there, and ours to read', async () => {
    const { ctx } = await cloud()
    const other = id.replace('5', '6')
    await expect(describeImage(ctx, other, soon())).rejects.toThrow(
      `Image ${other} could not be found.`,
    )
    const refused = await cloud({}, ['x', 'y', 'never'])
    await expect(describeImage(refused.ctx, id, soon())).rejects.toThrow(
      `Not authorized for image ${id}.`,
    )
  })

  it('needs to be found', async () => {
    const ctx = imageContext(await tempDir())
    await expect(describeImage(ctx, id, soon())).rejects.toThrow('[glance] auth_url')
    const down = imageContext(await tempDir(), {
      glance: { endpoint_override: 'http://127.0.0.1:1' },
    })
    await expect(describeImage(down, id, soon())).rejects.toThrow(
      'Glance at http://127.0.0.1:1 cannot be reached',
    )
  })
})
