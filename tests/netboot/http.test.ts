import { randomBytes } from 'node:crypto'
import { truncate, writeFile } from 'node:fs/promises'
import { get as request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBootHttp } from '../../src/netboot/http.js'
import type { BootHttp } from '../../src/netboot/http.js'
import { readRange } from '../../src/netboot/http-range.js'
import type { BootEvent } from '../../src/netboot/boot-event.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed()
const events: BootEvent[] = []
const large = randomBytes(3_000_000)
let http: BootHttp | undefined
let node = ''

beforeAll(async () => {
  await writeFile(join(bed.dir, 'http', 'large.iso'), large)
  await writeFile(join(bed.dir, 'http', 'empty'), '')
  for (const name of ['boot.efi', 'BOOT.EFI']) await writeFile(join(bed.dir, 'http', name), 'MZ')
  node = await bed.machine('52:54:00:00:00:01', ramdiskPlan(bed.dir))
  http = await startBootHttp(bed.ctx, { host: '127.0.0.1', port: 0, report: (e) => events.push(e) })
})
afterAll(() => http?.close())

const get = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${http?.port}${path}`, init)

/** The answer as a stream. Bytes that are not read stay on their way. */
const open = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(`http://127.0.0.1:${http?.port}${path}`, resolve).once('error', reject)
  })

describe('the HTTP boot server', () => {
  it('streams a file with its length', async () => {
    const answer = await get('/large.iso')
    expect(answer.headers.get('content-length')).toBe('3000000')
    expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true)
  })

  it('sends a slow client every byte in order', async () => {
    const pieces: Buffer[] = []
    for await (const piece of await open('/large.iso')) {
      pieces.push(Buffer.from(piece as Buffer))
      if (pieces.length % 8 === 0) await sleep(5)
    }
    expect(Buffer.concat(pieces).equals(large)).toBe(true)
  })

  it('stops sending a file when its client closes the connection', async () => {
    await writeFile(join(bed.dir, 'http', 'huge'), Buffer.alloc(64_000_000))
    const answer = await open('/huge')
    answer.once('error', () => undefined)
    answer.destroy()
    await expect.poll(() => events.at(-1)).toMatchObject({ path: '/huge', outcome: 'failed' })
  })

  it('closes the connection when a file becomes shorter', async () => {
    const path = join(bed.dir, 'http', 'shrinks')
    await writeFile(path, Buffer.alloc(64_000_000))
    const answer = await open('/shrinks')
    await truncate(path, 1_000_000)
    await expect(answer.resume().toArray()).rejects.toThrow('aborted')
    await expect.poll(() => events.at(-1)).toMatchObject({ path: '/shrinks', outcome: 'failed' })
  })

  it.each([
    ['/boot.efi', 'application/efi'],
    ['/boot.efi?node=1', 'application/efi'],
    ['/BOOT.EFI?a=b.iso', 'application/efi'],
    ['/large.iso?x', 'application/vnd.efi-iso'],
    ['/empty?name=.efi', 'application/octet-stream'],
  ])('answers %s with the type %s', async (path, type) => {
    const answer = await get(path, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
  })

  it('answers HEAD with the length and no body', async () => {
    const answer = await get(`/${node}/deploy_kernel`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '10'])
    expect(await answer.text()).toBe('')
  })

  it.each([
    ['bytes=10-19', 206, 'bytes 10-19/3000000', large.subarray(10, 20)],
    ['bytes=2999990-', 206, 'bytes 2999990-2999999/3000000', large.subarray(2_999_990)],
    ['bytes=-5', 206, 'bytes 2999995-2999999/3000000', large.subarray(-5)],
    ['bytes=3000000-', 416, 'bytes */3000000', null],
  ])('answers %s', async (range, status, contentRange, bytes) => {
    const answer = await get('/large.iso', { headers: { range } })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange])
    const body = Buffer.from(await answer.arrayBuffer())
    expect(bytes === null || body.equals(bytes)).toBe(true)
  })

  it.each([
    ['/empty', {}, 200],
    ['/absent', {}, 404],
    ['/%', {}, 404],
    ['/%2e%2e/images/kernel', {}, 404],
    ['/empty', { method: 'POST' }, 405],
  ])('answers %s %o with %i', async (path, init, status) => {
    const answer = await get(path, init)
    await answer.text()
    expect(answer.status).toBe(status)
  })

  it('answers 502 when an image cannot be fetched', async () => {
    const plan = ramdiskPlan(bed.dir)
    const uuid = await bed.machine('52:54:00:00:00:02', {
      ...plan,
      images: { deploy_kernel: `file://${bed.dir}/absent` },
    })
    const answer = await get(`/${uuid}/deploy_kernel`)
    expect([answer.status, await answer.text()]).toEqual([502, 'the file could not be fetched\n'])
  })

  it('reports the node of a request', async () => {
    await (await get(`/${node}/deploy_ramdisk`)).text()
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({
        protocol: 'http',
        node,
        status: 200,
        outcome: 'done',
        summary: `HTTP GET /${node}/deploy_ramdisk: 200`,
      })
  })
})

it.each([
  [undefined, 10, { kind: 'whole' }],
  ['bytes=0-0', 10, { kind: 'part', first: 0, last: 0 }],
  ['bytes=5-99', 10, { kind: 'part', first: 5, last: 9 }],
  ['bytes=-99', 10, { kind: 'part', first: 0, last: 9 }],
  ['bytes=5-2', 10, { kind: 'whole' }],
  ['bytes=0-1,3-4', 10, { kind: 'whole' }],
  ['lines=1-2', 10, { kind: 'whole' }],
  ['bytes=-0', 10, { kind: 'unsatisfiable' }],
  ['bytes=0-', 0, { kind: 'unsatisfiable' }],
])('reads the range %s of %i bytes', (header, size, expected) => {
  expect(readRange(header, size)).toEqual(expected)
})
