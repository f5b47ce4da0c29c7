import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { openImage } from '../../src/images/open.js'
import { imageContext, soon, tempDir } from './_util/context.js'

async function bed() {
  const dir = await tempDir()
  const allowed = join(dir, 'allowed')
  await mkdir(allowed)
  await mkdir(join(dir, 'allowed-not'))
  await writeFile(join(allowed, 'image'), 'content')
  await writeFile(join(dir, 'secret'), 'secret')
  await writeFile(join(dir, 'allowed-not', 'image'), 'secret')
  await symlink(join(dir, 'secret'), join(allowed, 'link'))
  await symlink(dir, join(allowed, 'up'))
  await symlink('/etc/passwd', join(allowed, 'passwd'))
  await symlink(join(allowed, 'image'), join(allowed, 'inside'))
  return {
    dir,
    allowed,
    ctx: imageContext(dir, { conductor: { file_url_allowed_paths: [allowed] } }),
  }
}

it('opens a file of an allowed directory, and a part of one', async () => {
  const { ctx, allowed } = await bed()
  const whole = await openImage(ctx, `file://${allowed}/image`, { signal: soon() })
  expect([whole.size, await text(whole.stream)]).toEqual([7, 'content'])
  const range = { start: 1, end: 3 }
  const part = await openImage(ctx, `file://${allowed}/inside`, { signal: soon(), range })
  expect([part.partial, await text(part.stream)]).toEqual([true, 'ont'])
})

it.each([
  ['outside', '/secret', 'is not allowed for image source file URLs'],
  ['dots', '/allowed/../secret', 'is not allowed for image source file URLs'],
  ['a name that begins alike', '/allowed-not/image', 'is not allowed'],
  ['a link that leads outside', '/allowed/link', 'is not allowed'],
  ['a linked directory', '/allowed/up/secret', 'is not allowed'],
  ['a link into a blocked place', '/allowed/passwd', 'is not allowed'],
  ['a directory', '/allowed/', 'Specified image file not found.'],
  ['nothing', '/allowed/none', 'Specified image file not found.'],
  ['a NUL', '/allowed/image\0.txt', 'Specified image file not found.'],
])('refuses %s', async (_case, path, reason) => {
  const { ctx, dir } = await bed()
  await expect(openImage(ctx, `file://${dir}${path}`, { signal: soon() })).rejects.toThrow(reason)
})

it.each([
  '/dev/zero',
  '/proc/self/environ',
  '/sys/kernel',
  '/boot/vmlinuz',
  '/etc/shadow',
  '/run/x',
])('never opens %s, whatever is allowed', async (path) => {
  const ctx = imageContext('/', { conductor: { file_url_allowed_paths: ['/'] } })
  await expect(openImage(ctx, `file://${path}`, { signal: soon() })).rejects.toThrow(
    /Security: The path \/\w+ is not permitted in file URLs/,
  )
})

it('opens nothing on a host and nothing without directories that are allowed', async () => {
  const { ctx, allowed, dir } = await bed()
  const open = (c: typeof ctx, href: string) => openImage(c, href, { signal: soon() })
  await expect(open(ctx, `file://host${allowed}/image`)).rejects.toThrow('not found')
  const none = imageContext(dir, { conductor: { file_url_allowed_paths: [] } })
  await expect(open(none, `file://${allowed}/image`)).rejects.toThrow('is not allowed')
})
