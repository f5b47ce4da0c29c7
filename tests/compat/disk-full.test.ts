// The disk under the embedded home is full: reads go on, writes that need space are refused with 503, and both work
// again by themselves when there is space. A start on a full disk says so.
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { Disk } from '../_util/disk.js'
import { Ferric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

const timeout = 300_000
const diskMegabytes = 384
const fullMs = 15_000

/** Writes a file until the disk takes no more byte; returns what empties it again. */
function fill(mount: string): () => void {
  const path = join(mount, 'ballast')
  const file = openSync(path, 'w')
  for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2)) writeUntilFull(file, size)
  closeSync(file)
  return () => rmSync(path)
}

function writeUntilFull(file: number, size: number): void {
  try {
    for (;;) writeSync(file, Buffer.alloc(size, 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** Ferric's own log is on another disk. */
async function ferricOn(disk: Disk): Promise<Ferric> {
  const directory = join(disk.path, 'db')
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const database = { connection: `embedded://${directory}` }
  return await Ferric.prepare('embedded', fakeConf({ database }))
}

class Client {
  readonly #rest: Rest
  readonly #filler = 'x'.repeat(20_000)
  constructor(url: string) {
    this.#rest = new Rest(url)
  }

  async createLarge(): Promise<number> {
    const body = { driver: 'fake-hardware', extra: { filler: this.#filler } }
    return (await this.#rest.send('POST', '/nodes', body)).status
  }

  async createSmall(): Promise<string> {
    const body = { driver: 'fake-hardware' }
    return (await this.#rest.must<{ uuid: string }>('POST', '/nodes', body)).uuid
  }

  async mark(uuid: string, value: number): Promise<number> {
    const patch = [{ op: 'add', path: '/extra/mark', value }]
    return (await this.#rest.send('PATCH', `/nodes/${uuid}`, patch)).status
  }

  async markOf(uuid: string): Promise<number> {
    const path = `/nodes/${uuid}`
    return (await this.#rest.must<{ extra: { mark?: number } }>('GET', path)).extra.mark ?? 0
  }
}

/** Counts what the server answers for a while, and returns the counts with the last mark that was acknowledged. */
async function answersWhileFull(client: Client, uuid: string) {
  const creations: Record<number, number> = {}
  const marks: Record<number, number> = {}
  let last = 0
  const end = Date.now() + fullMs
  for (let value = 1; Date.now() < end; value++) {
    if (value % 10 === 0) count(creations, await client.createLarge())
    const status = await client.mark(uuid, value)
    count(marks, status)
    if (status === 200) last = value
    expect(await client.markOf(uuid)).toBeGreaterThanOrEqual(last)
  }
  return { creations, marks, last }
}

async function readiness(url: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/readyz`)
  return { status: answer.status, body: await answer.json() }
}

function count(counts: Record<number, number>, status: number): void {
  counts[status] = (counts[status] ?? 0) + 1
}

it('reads on and refuses writes while the disk is full, and recovers', { timeout }, async () => {
  await using disk = await Disk.create(diskMegabytes)
  await using ferric = await ferricOn(disk)
  await ferric.start()
  const client = new Client(ferric.url)
  const uuid = await client.createSmall()
  const ready = { status: 'ready' }
  expect(await readiness(ferric.url)).toEqual({ status: 200, body: ready })
  const empty = fill(disk.path)
  expect(await readiness(ferric.url)).toEqual({
    status: 503,
    body: { status: 'not ready', database: 'no space left on its disk (ENOSPC)' },
  })
  const { creations, marks, last } = await answersWhileFull(client, uuid)
  console.log(`while full: creations ${JSON.stringify(creations)}, marks ${JSON.stringify(marks)}`)
  expect(creations[503]).toBeGreaterThan(0)
  for (const status of Object.keys({ ...creations, ...marks }))
    expect(['200', '201', '503']).toContain(status)

  const emptied = performance.now()
  empty()
  const look = async () => ((await client.createLarge()) === 201 ? true : undefined)
  await until(look, { what: 'write', timeoutMs: 30_000, everyMs: 20 })
  console.log(`writes again after ${Math.round(performance.now() - emptied)} ms`)
  expect(ferric.lives).toBe(true)
  expect(await readiness(ferric.url)).toEqual({ status: 200, body: ready })
  expect(await client.markOf(uuid)).toBeGreaterThanOrEqual(last)
})

it('says that the disk is full when it cannot start', { timeout }, async () => {
  await using disk = await Disk.create(diskMegabytes)
  await using ferric = await ferricOn(disk)
  const emptyFirst = fill(disk.path)
  await expect(ferric.start()).rejects.toThrow('ENOSPC')
  emptyFirst()
  await ferric.start()
  const uuid = await new Client(ferric.url).createSmall()
  await ferric.end('SIGTERM')
  const emptyAgain = fill(disk.path)
  await expect(ferric.start()).rejects.toThrow('ENOSPC')
  emptyAgain()
  await ferric.start()
  expect(await new Client(ferric.url).markOf(uuid)).toBe(0)
})
