import { expect, it } from 'vitest'
import { openImage } from '../../src/images/open.js'
import { mayAuthenticate } from '../../src/images/sources/permitted-hosts.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { serving, web } from './_util/web.js'

const listed = ['images.example.com', '.example.org']

it.each([
  ['https://images.example.com/a', listed, true, true],
  ['https://images.example.com:8443/a', listed, true, true],
  ['https://example.com/a', listed, true, false],
  ['https://evil-images.example.com/a', listed, true, false],
  ['oci://deep.images.example.org/a:tag', listed, false, true],
  ['http://example.org/a', listed, true, false],
  ['http://anywhere/a', [], true, true],
  ['http://anywhere/a', [], false, false],
  ['oci://anywhere/a', [], false, false],
  ['file:///var/lib/a', listed, false, true],
  ['0c1f7d7e-9f3c-4d0c-8a2b-7f4f0d6f2f11', [], false, true],
])('%s with hosts %j (others: %s): %s', (href, hosts, others, may) => {
  const options = {
    image_server_auth_hosts: hosts,
    image_server_auth_permit_unknown_hosts: others,
  }
  expect(mayAuthenticate(options, href)).toBe(may)
})

it('tells the password to the hosts named and to no other', async () => {
  const { url, asked } = await web(serving(() => Buffer.from('image')))
  const open = async (hosts: string[]) => {
    const deploy = {
      image_server_auth_strategy: 'http_basic',
      image_server_user: 'user',
      image_server_password: 'pass',
      image_server_auth_hosts: hosts,
    }
    const { stream } = await openImage(imageContext(await tempDir(), { deploy }), `${url}/image`, {
      signal: soon(),
    })
    stream.resume()
  }
  await open(['images.example.com'])
  await open(['127.0.0.1'])
  expect(asked.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true])
})
