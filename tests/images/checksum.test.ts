import { describe, expect, it } from 'vitest'
import { checksumFromFile } from '../../src/images/checksum-file.js'
import { checksumOf, parseChecksum } from '../../src/images/checksum.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { serving, web } from './_util/web.js'

const md5 = 'a'.repeat(32)
const sha256 = 'b'.repeat(64)
const sha512 = 'c'.repeat(128)

describe('a file of checksums', () => {
  it.each([
    ['one bare value', `${sha256}\n`, sha256],
    ['coreutils', `${md5}  other\n${sha256}  image.qcow2\n`, sha256],
    ['coreutils, binary', `${sha512} *image.qcow2`, sha512],
    ['with a path', `${sha256}  ./image.qcow2`, sha256],
    [
      'BSD',
      `# CentOS\nSHA256 (other) = ${'d'.repeat(64)}\nSHA256 (image.qcow2) = ${sha256}`,
      sha256,
    ],
    ['the name first', `image.qcow2 ${md5}`, md5],
    ['digest, size and name', `${md5} 10 other\n${sha256} 4096 image.qcow2`, sha256],
    ['BSD without spaces at the equals sign', `SHA512(image.qcow2)= ${sha512}`, sha512],
    ['an escaped name', `\\${sha256}  image.qcow2`, sha256],
    ['upper case', `${sha256.toUpperCase()}  image.qcow2`, sha256],
  ])('%s', (_case, text, value) => {
    expect(checksumFromFile(text, 'image.qcow2', 'http://x/sums')).toBe(value)
  })

  it.each([
    ['empty', '\n\n', 'Checksum file empty.'],
    ['not a checksum', 'hello\n', 'Invalid checksum file (No valid checksum found)'],
    ['another file', `${sha256}  other`, 'Checksum file does not contain name image.qcow2'],
    ['a name with a pattern', `${sha256}  imageXqcow2`, 'does not contain name'],
    ['a comment', `# ${sha256}  image.qcow2\n# x y`, 'does not contain name'],
  ])('%s', (_case, text, reason) => {
    expect(() => checksumFromFile(text, 'image.qcow2', 'http://x/sums')).toThrow(reason)
  })
})

describe('the checksum of an instance', () => {
  it.each([
    [
      'the explicit one first',
      { image_os_hash_algo: 'SHA512', image_os_hash_value: sha512, image_checksum: md5 },
      { algorithm: 'sha512', value: sha512 },
    ],
    ['by its length', { image_checksum: sha256 }, { algorithm: 'sha256', value: sha256 }],
    [
      'with its algorithm',
      { image_checksum: `sha512:${sha512}` },
      { algorithm: 'sha512', value: sha512 },
    ],
    ['md5', { image_checksum: md5 }, { algorithm: 'md5', value: md5 }],
    ['none', {}, null],
  ])('%s', async (_case, info, wanted) => {
    const ctx = imageContext(await tempDir())
    expect(await checksumOf(ctx, info, soon())).toEqual(wanted)
  })

  it('comes from a URL, by the name of the image', async () => {
    const { url } = await web(serving(() => Buffer.from(`${sha256}  an image.raw\n${md5} x\n`)))
    const info = { image_checksum: `${url}/sums`, image_source: 'http://x/y/an%20image.raw' }
    const dir = await tempDir()
    expect(await checksumOf(imageContext(dir), info, soon())).toEqual({
      algorithm: 'sha256',
      value: sha256,
    })
    const disabled = imageContext(dir, { conductor: { disable_support_for_checksum_files: true } })
    await expect(checksumOf(disabled, info, soon())).rejects.toThrow('Use of remote checksum files')
  })

  it('is refused when it cannot be used', async () => {
    const ctx = imageContext(await tempDir(), { agent: { allow_md5_checksum: false } })
    expect(() => parseChecksum(ctx, md5)).toThrow('algorithm cannot be loaded')
    expect(() => parseChecksum(ctx, `md5:${md5}`)).toThrow('algorithm cannot be loaded')
    expect(() => parseChecksum(ctx, sha256, 'none-such')).toThrow('algorithm cannot be loaded')
    expect(() => parseChecksum(ctx, 'abc')).toThrow('algorithm cannot be loaded')
    expect(() => parseChecksum(ctx, 'sha256:')).toThrow('is invalid or does not match')
    expect(() => parseChecksum(ctx, 'sha256:../x')).toThrow('is invalid or does not match')
  })
})
