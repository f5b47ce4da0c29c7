/** What the deploy ramdisk of 2015 does, as far as the other side can see it. */
import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startTgt } from '../../protocols/iscsi/_tgt.js'

export class Ramdisk implements AsyncDisposable {
  /** Of its own, since port 10000 is given. */
  readonly address = `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`
  readonly disk: string
  readonly iqn: string
  port = 0
  /** What came to port 10000. */
  readonly told: string[] = []
  readonly #ends: (() => Promise<void>)[] = []

  constructor(dir: string, nodeUuid: string) {
    this.disk = join(dir, `disk-${nodeUuid}`)
    this.iqn = `iqn.2008-10.org.openstack:${nodeUuid}`
  }

  async start(size: number): Promise<void> {
    await writeFile(this.disk, '')
    await truncate(this.disk, size)
    const tgt = await startTgt(this.disk, this.iqn, this.address)
    this.port = tgt.port
    this.#ends.push(() => tgt.stop())
    await this.#listen()
  }

  /** A port of the target that is gone once so many bytes went there. */
  async losesPowerAfter(bytes: number): Promise<string> {
    const server = createServer((socket) => {
      const target = connect(this.port, this.address)
      let count = 0
      socket.on('data', (chunk) => {
        count += chunk.length
        if (count > bytes) socket.destroy()
      })
      socket.on('error', () => undefined).on('close', () => target.destroy())
      target.on('error', () => undefined).on('close', () => socket.destroy())
      socket.pipe(target).pipe(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, this.address, resolve))
    this.#ends.push(() => new Promise((resolve) => server.close(() => resolve())))
    const at = server.address()
    if (at === null || typeof at === 'string') throw new Error('no port')
    return String(at.port)
  }

  /** The machine loses its power. */
  async stop(): Promise<void> {
    await Promise.all(this.#ends.splice(0).map((end) => end()))
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => {
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('end', () => this.told.push(text))
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(10_000, this.address, resolve))
    this.#ends.push(() => new Promise((resolve) => server.close(() => resolve())))
  }

  info(key: unknown, more: Record<string, unknown> = {}) {
    const { address, iqn, port } = this
    return { address, iqn, port: String(port), key, error: '', ...more }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
