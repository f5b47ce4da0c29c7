import { createHash } from 'node:crypto'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../src/images/cache/lock.js'
import { imageCache } from '../../src/images/cache/cache.js'
import { systemClock } from '../../src/clock.js'
import { imageContext, soon, tempDir } from './_util/context.js'
import { serving, web } from './_util/web.js'

const sha256 = (content: Buffer) => ({
  algorithm: 'sha256',
  value: createHash('sha256').update(content).digest('hex'),
})
const masters = async (dir: string) =>
  (await readdir(join(dir, 'master_images'), { withFileTypes: true }))
    .filter((one) => one.isFile() && !one.name.endsWith('.json'))
    .map(({ name }) => name)
const leftovers = async (dir: string) => [
  ...(await readdir(join(dir, 'master_images/.parts'))),
  ...(await readdir(join(dir, 'master_images/.uses'))),
  ...(await readdir(join(dir, 'master_images/.locks'))),
]

describe('fetching', () => {
  it('downloads once for all who ask at once, in this process and in others', async () => {
    const dir = await tempDir()
    const content = Buffer.alloc(3_000_000, 'abc')
    const { url, asked } = await web(serving(() => content))
    const [ctx, other] = [imageContext(dir), imageContext(dir)]
    const fetch = (c: typeof ctx) => imageCache(c).fetch(`${url}/image`, { signal: soon() })
    const got = await Promise.all([fetch(ctx), fetch(ctx), fetch(ctx), fetch(other), fetch(other)])
    for (const one of got) expect((await readFile(one.path)).equals(content)).toBe(true)
    expect(new Set(got.map(({ path }) => path)).size).toBe(5)
    // The other process asks once more, whether it is the newest.
    expect(asked.map(({ headers }) => headers['if-none-match'] === undefined)).toEqual([
      true,
      false,
    ])
    await Promise.all(got.map((one) => one.release()))
    expect([await masters(dir), await leftovers(dir)]).toEqual([[expect.any(String)], []])
  })

  it('fetches again what has changed, and what cannot be told to be the same', async () => {
    const dir = await tempDir()
    let content = Buffer.from('first')
    const dated = await web(serving(() => content))
    const ctx = imageContext(dir)
    const read = async (url: string) => {
      const one = await imageCache(ctx).fetch(url, { signal: soon() })
      const text = await readFile(one.path, 'utf8')
      await one.release()
      return text
    }
    expect(await read(dated.url)).toBe('first')
    content = Buffer.from('second')
    expect(await read(dated.url)).toBe('second')
    const undated = await web((_request, response) => response.end('x'))
    await read(undated.url)
    await read(undated.url)
    expect(undated.asked.length).toBe(2)
    const secret = await web(serving(() => content, { 'cache-control': 'no-store' }))
    await read(secret.url)
    expect((await masters(dir)).length).toBe(2)
  })

  it('keeps an image that is in use while another takes its place', async () => {
    const dir = await tempDir()
    let content = Buffer.from('first')
    const { url } = await web(serving(() => content))
    const cache = imageCache(imageContext(dir))
    const first = await cache.fetch(url, { signal: soon() })
    content = Buffer.from('second')
    await cache.fetch(url, { signal: soon() })
    expect(await readFile(first.path, 'utf8')).toBe('first')
  })

  it('serves a file of this machine without keeping it', async () => {
    const dir = await tempDir()
    await writeFile(join(dir, 'file'), 'content')
    const one = await imageCache(imageContext(dir)).fetch(`file://${dir}/file`, { signal: soon() })
    expect((await stat(one.path)).ino).toBe((await stat(join(dir, 'file'))).ino)
    await one.release()
    expect([await masters(dir), await readFile(join(dir, 'file'), 'utf8')]).toEqual([[], 'content'])
  })

  it('works without a cache', async () => {
    const dir = await tempDir()
    const { url } = await web(serving(() => Buffer.from('content')))
    const ctx = imageContext(dir, { pxe: { instance_master_path: '' } })
    const one = await imageCache(ctx).fetch(url, { signal: soon() })
    expect(await readFile(one.path, 'utf8')).toBe('content')
    await one.release()
    expect(await readdir(join(dir, 'images/.uses'))).toEqual([])
  })
})

describe('nothing is left of', () => {
  const content = Buffer.from('content')

  it('a wrong checksum, fetched or cached', async () => {
    const dir = await tempDir()
    const { url } = await web(serving(() => content))
    const cache = imageCache(imageContext(dir))
    const fetch = (checksum: ReturnType<typeof sha256>) =>
      cache.fetch(url, { signal: soon(), checksum })
    const wrong = sha256(Buffer.from('other'))
    await expect(fetch(wrong)).rejects.toThrow('checksum is invalid or does not match')
    expect([await masters(dir), await leftovers(dir)]).toEqual([[], []])
    await (await fetch(sha256(content))).release()
    await expect(fetch(wrong)).rejects.toThrow('checksum is invalid or does not match')
    const sha512 = {
      algorithm: 'sha512',
      value: createHash('sha512').update(content).digest('hex'),
    }
    await (await fetch(sha512)).release()
  })

  it('a transfer that was cut, which works the next time', async () => {
    const dir = await tempDir()
    let cut = true
    const { url } = await web((request, response) => {
      if (!cut) return serving(() => content)(request, response)
      response.writeHead(200, { 'content-length': 100 })
      response.write('12345', () => response.destroy())
    })
    const cache = imageCache(imageContext(dir))
    await expect(cache.fetch(url, { signal: soon() })).rejects.toThrow('Failed to download image')
    expect([await masters(dir), await leftovers(dir)]).toEqual([[], []])
    cut = false
    await (await cache.fetch(url, { signal: soon() })).release()
  })

  it('an image of another format than it is said to have', async () => {
    const dir = await tempDir()
    const { url } = await web(serving(() => content))
    const cache = imageCache(imageContext(dir))
    const fetching = cache.fetch(url, { signal: soon(), format: 'qcow2' })
    await expect(fetching).rejects.toThrow('The requested image is not valid for use.')
    expect([await masters(dir), await leftovers(dir)]).toEqual([[], []])
  })

  it('a compressed image; a compressed ramdisk is one', async () => {
    const zstd = await web(serving(() => Buffer.from('28b52ffd00', 'hex')))
    const cache = imageCache(imageContext(await tempDir()))
    await expect(cache.fetch(zstd.url, { signal: soon() })).rejects.toThrow('compressed with zstd')
    await (await cache.fetch(zstd.url, { signal: soon(), inspect: false })).release()
    await expect(cache.fetch(zstd.url, { signal: soon() })).rejects.toThrow('compressed with zstd')
  })

  it('an image larger than the disk', async () => {
    const { url } = await web((_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 50 })
      response.write('12345')
    })
    const fetching = imageCache(imageContext(await tempDir())).fetch(url, { signal: soon() })
    await expect(fetching).rejects.toThrow(
      "doesn't have enough disk space. Required 1073741824 MiB",
    )
  })

  it('a fetch that everybody gave up; others go on', async () => {
    const dir = await tempDir()
    let release: () => void = () => undefined
    const { url } = await web((_request, response) => {
      response.writeHead(200, { 'content-length': 7 })
      response.write('con')
      release = () => response.end('tent')
    })
    const cache = imageCache(imageContext(dir))
    const [first, second] = [new AbortController(), new AbortController()]
    const a = cache.fetch(url, { signal: first.signal })
    const b = cache.fetch(url, { signal: second.signal })
    await new Promise((resolve) => setTimeout(resolve, 100))
    first.abort(new Error('enough'))
    await expect(a).rejects.toThrow('enough')
    release()
    expect(await readFile((await b).path, 'utf8')).toBe('content')

    const third = new AbortController()
    const c = cache.fetch(`${url}/again`, { signal: third.signal })
    await new Promise((resolve) => setTimeout(resolve, 100))
    third.abort(new Error('enough'))
    await expect(c).rejects.toThrow('enough')
    await (await b).release()
    expect(await leftovers(dir)).toEqual([])
  })
})

describe('cleaning', () => {
  const mib = 1024 * 1024
  const age = async (dir: string, minutes: number) => {
    const then = new Date(Date.now() - minutes * 60_000)
    for (const name of await masters(dir))
      await utimes(join(dir, 'master_images', name), then, then)
  }

  it('removes the least used until the rest fits, and nothing that is in use', async () => {
    const dir = await tempDir()
    const { url } = await web(serving(() => Buffer.alloc(mib)))
    const cache = imageCache(imageContext(dir, { pxe: { image_cache_size: 2 } }))
    const used = await cache.fetch(`${url}/used`, { signal: soon() })
    for (const name of ['a', 'b', 'c']) {
      await (await cache.fetch(`${url}/${name}`, { signal: soon() })).release()
    }
    await cache.clean()
    const left = await masters(dir)
    expect(left.length).toBe(2)
    const inode = (await stat(used.path)).ino
    const inodes = await Promise.all(
      left.map(async (name) => (await stat(join(dir, 'master_images', name))).ino),
    )
    expect(inodes).toContain(inode)
    await used.release()
  })

  it('removes what was not used for longer than the limit', async () => {
    const dir = await tempDir()
    const { url } = await web(serving(() => Buffer.alloc(10)))
    const ctx = imageContext(dir, { pxe: { image_cache_ttl: 60 } })
    const later = {
      ...ctx,
      clock: { ...systemClock, now: () => new Date(Date.now() + 61 * 60_000) },
    }
    await (await imageCache(ctx).fetch(url, { signal: soon() })).release()
    await age(dir, 30)
    await imageCache(ctx).clean()
    expect((await masters(dir)).length).toBe(1)
    const { cleanCache } = await import('../../src/images/cache/clean.js')
    const { layoutOf } = await import('../../src/images/cache/layout.js')
    await cleanCache(later, layoutOf(later))
    expect(await readdir(join(dir, 'master_images'))).toEqual(['.locks', '.parts', '.uses'])
  })

  it('sweeps up after processes that are no more', async () => {
    const dir = await tempDir()
    const cache = imageCache(imageContext(dir))
    await cache.clean()
    await writeFile(join(dir, 'master_images/.parts/999999999.1.abc.part'), 'x')
    await writeFile(join(dir, 'master_images/.uses/1.1.abc'), 'x')
    await cache.clean()
    expect(await leftovers(dir)).toEqual([])
  })

  it('does not take a file for an image that nobody described, or that was exchanged', async () => {
    const dir = await tempDir()
    const { url, asked } = await web(serving(() => Buffer.from('right')))
    const cache = imageCache(imageContext(dir))
    await (await cache.fetch(url, { signal: soon() })).release()
    const [name = ''] = await masters(dir)
    await writeFile(join(dir, 'master_images', name), 'wrong')
    const one = await cache.fetch(url, { signal: soon() })
    expect([await readFile(one.path, 'utf8'), asked.length]).toEqual(['right', 2])
  })
})

describe('a lock', () => {
  it('is waited for, and taken from one who is gone', async () => {
    const dir = await tempDir()
    const unlock = await lockFile(dir, 'a', systemClock, soon())
    const waiting = lockFile(dir, 'a', systemClock, AbortSignal.timeout(300))
    await expect(waiting).rejects.toThrow('aborted')
    const past = new Date(Date.now() - 60_000)
    await utimes(join(dir, 'a.lock'), past, past)
    const second = await lockFile(dir, 'a', systemClock, soon())
    await second()
    await unlock()
    expect(await readdir(dir)).toEqual([])
  })
})
