import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { describeImage, openImage, readSmall } from '../../src/images/open.js'
import { shownHref } from '../../src/images/href.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { serving, web } from './_util/web.js'

const content = Buffer.from('0123456789')
const basic = {
  deploy: {
    image_server_auth_strategy: 'http_basic',
    image_server_user: 'user',
    image_server_password: 'pass',
  },
}
const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`

it('describes and opens, whole and in part', async () => {
  const ctx = imageContext(await tempDir())
  const { url } = await web(
    serving(() => content, { 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' }),
  )
  const info = await describeImage(ctx, `${url}/image`, soon())
  expect(info).toMatchObject({ size: 10, lastModified: new Date('2020-01-01'), keep: 'always' })
  const whole = await openImage(ctx, `${url}/image`, { signal: soon() })
  expect([whole.size, whole.partial, await text(whole.stream)]).toEqual([10, false, '0123456789'])
  const part = await openImage(ctx, `${url}/image`, { signal: soon(), range: { start: 2, end: 4 } })
  expect([part.size, part.partial, await text(part.stream)]).toEqual([10, true, '234'])
})

it('shows credentials to the server they are meant for, and to no other', async () => {
  const ctx = imageContext(await tempDir(), basic)
  const other = await web(serving(() => content))
  const first = await web((request, response) => {
    const location = request.url === '/a' ? '/b' : `${other.url}/c`
    response.writeHead(302, { location }).end()
  })
  const { stream } = await openImage(ctx, `${first.url}/a`, { signal: soon() })
  expect(await text(stream)).toBe('0123456789')
  expect(first.asked.map(({ headers }) => headers.authorization)).toEqual([
    authorization,
    authorization,
  ])
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
})

it('takes credentials out of the reference, and out of every text', async () => {
  const ctx = imageContext(await tempDir())
  const { url, asked } = await web((_request, response) => response.writeHead(404).end())
  const href = `${url.replace('//', '//me:hidden@')}/image?temp_url_sig=hidden&temp_url_expires=9`
  const failed = await openImage(ctx, href, { signal: soon() }).catch((e: unknown) => String(e))
  expect(failed).toContain('Got HTTP code 404 instead of 200 in response to GET request.')
  expect(failed).not.toContain('hidden')
  expect(asked[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('me:hidden').toString('base64')}`,
  )
  expect(asked[0]?.path).toContain('temp_url_sig=hidden')
})

it.each([
  ['itself', () => '/image', 'More than 10 redirects'],
  ['a file', () => 'file:///etc/passwd', 'is not http or https'],
])('follows no redirect to %s', async (_case, location, reason) => {
  const ctx = imageContext(await tempDir())
  const { url, asked } = await web((_request, response) =>
    response.writeHead(302, { location: location() }).end(),
  )
  await expect(openImage(ctx, `${url}/image`, { signal: soon() })).rejects.toThrow(reason)
  expect(asked.length).toBeLessThan(20)
})

it('says what failed: no server, silence, an end too early, no password', async () => {
  const dir = await tempDir()
  const ctx = imageContext(dir, { DEFAULT: { webserver_connection_timeout: 1 } })
  const open = (href: string) => openImage(ctx, href, { signal: soon() })
  await expect(open('http://127.0.0.1:1/image')).rejects.toThrow('ECONNREFUSED')
  const silent = await web(() => undefined)
  await expect(open(`${silent.url}/image`)).rejects.toThrow('Headers Timeout')
  const cut = await web((_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('12345', () => response.destroy())
  })
  const { stream } = await open(`${cut.url}/image`)
  await expect(text(stream)).rejects.toThrow(`Failed to download image ${cut.url}/image, reason: `)
  const noPassword = imageContext(dir, {
    deploy: { image_server_auth_strategy: 'http_basic', image_server_user: 'user' },
  })
  await expect(openImage(noPassword, cut.url, { signal: soon() })).rejects.toThrow(
    "Missing ['image_server_password'] fields from HTTP(S) basic auth config",
  )
})

it('stops when it is told to', async () => {
  const ctx = imageContext(await tempDir())
  const { url } = await web((_request, response) => {
    response.writeHead(200)
    response.write('12345')
  })
  const controller = new AbortController()
  const { stream } = await openImage(ctx, `${url}/image`, { signal: controller.signal })
  setTimeout(() => controller.abort(new Error('enough')), 50)
  await expect(text(stream)).rejects.toThrow('enough')
})

it('reads no more of a small document than it may', async () => {
  const ctx = imageContext(await tempDir())
  const { url } = await web(serving(() => content))
  expect(await readSmall(ctx, url, 10, soon())).toEqual(content)
  await expect(readSmall(ctx, url, 9, soon())).rejects.toThrow('It is larger than 9 bytes.')
})

it.each([
  ['image', 'Scheme-less image href is not a UUID.'],
  ['ftp://host/image', 'Image download protocol ftp is not supported.'],
  ['nfs://host/image', 'NFS files are accessed directly by the BMC'],
  ['oci://host/image', 'not taken from OCI registries; only images of instances are.'],
])('refuses %s', async (href, reason) => {
  const ctx = imageContext(await tempDir())
  await expect(openImage(ctx, href, { signal: soon() })).rejects.toThrow(reason)
})

it('leaves a reference without secrets as it is', () => {
  expect(shownHref('http://host/a?b=c&x=')).toBe('http://host/a?b=c&x=')
  expect(shownHref('http://u:p@host/a')).toBe('http://host/a')
})
