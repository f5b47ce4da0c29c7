import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { buildConfigDrive, mostConfigDrive } from '../../src/images/configdrive/build.js'
import { decodeConfigDrive, encodeConfigDrive } from '../../src/images/configdrive/encode.js'
import { isoBuffer } from '../../src/images/iso9660/write.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { serving, web } from './_util/web.js'

const node = { uuid: 'u', name: 'n' }

describe('a config drive', () => {
  it('comes back from the forms it travels in', async () => {
    const ctx = imageContext(await tempDir())
    const iso = buildConfigDrive({ meta_data: { a: 1 } }, node)
    const text = await encodeConfigDrive(iso)
    const { url } = await web(serving(() => Buffer.from(`${text}\n`)))
    for (const form of [text, iso.toString('base64'), url]) {
      expect((await decodeConfigDrive(ctx, form, soon())).equals(iso)).toBe(true)
    }
  })

  it('is the same each time, with the label cloud-init looks for', () => {
    const iso = buildConfigDrive({ user_data: 'x' }, node)
    expect(iso.equals(buildConfigDrive({ user_data: 'x' }, node))).toBe(true)
    expect(iso.toString('latin1', 32768 + 40, 32768 + 72).trim()).toBe('config-2')
  })

  it.each([
    ['text', 'no drive!', 'is not base64 encoded or the content is malformed'],
    ['nothing', '', 'is not base64 encoded or the content is malformed'],
    ['half a gzip', Buffer.from('1f8b0800', 'hex').toString('base64'), 'is malformed'],
    [
      'a bomb',
      gzipSync(Buffer.alloc(mostConfigDrive + 1)).toString('base64'),
      'larger than 64 MiB',
    ],
    [
      'a URL that fails',
      'http://127.0.0.1:1/x?sig=hidden',
      "Can't download the configdrive content from 'http://127.0.0.1:1/x?sig=***'. Reason: ",
    ],
  ])('is refused when it is %s', async (_case, drive, reason) => {
    const ctx = imageContext(await tempDir())
    await expect(decodeConfigDrive(ctx, drive, soon())).rejects.toThrow(reason)
  })

  it('is refused when its parts do not fit', () => {
    const user_data = 'x'.repeat(mostConfigDrive / 2)
    expect(() => buildConfigDrive({ user_data }, node)).toThrow('larger than 64 MiB')
  })
})

it.each(['../x', 'a/../b', '/x', 'a//b', '', 'a/b\n', 'é', 'x'.repeat(101)])(
  'no disc has a file %s',
  (path) => {
    const files = [{ path, content: Buffer.from('x') }]
    expect(() => isoBuffer({ label: 'x', files })).toThrow('is no path on a disc')
  },
)
