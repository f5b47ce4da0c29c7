// Where instance images come from: a plain HTTP server on the rack's network that a scenario can spoil.
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { network } from './network.js'

/** How the server behaves: well, not at all, or it hangs up, or falls silent, in the middle of a file. */
export type Mood = 'well' | 'down' | 'cut' | 'stuck'

/** Byte positions of a `Range` header (RFC 9110 section 14.2), the whole file without one. */
function range(header: string | undefined, size: number): [first: number, last: number] {
  const [, first, last] = header?.match(/^bytes=(\d+)-(\d*)$/) ?? []
  if (first === undefined) return [0, size - 1]
  return [Number(first), last ? Math.min(Number(last), size - 1) : size - 1]
}

export class ImageServer {
  readonly url: string
  readonly #dir: string
  mood: Mood = 'well'
  /** The file that the mood is about; the others are always served well. */
  spoils = ''
  /** How many transfers were left in their middle. */
  spoilt = 0

  private constructor(dir: string, url: string) {
    this.#dir = dir
    this.url = url
  }

  /** Serves the files of `dir`; ends with this process. */
  static async serve(dir: string, port = 8088): Promise<ImageServer> {
    const images = new ImageServer(dir, `http://${network.server}:${port}`)
    const server = createServer((request, response) => images.#answer(request, response))
    await new Promise<void>((resolve) => server.listen(port, network.server, resolve))
    server.unref()
    return images
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const name = (request.url ?? '').split('/').at(-1) ?? ''
    const mood = name === this.spoils ? this.mood : 'well'
    if (mood === 'down') return void request.socket.destroy()
    const path = join(this.#dir, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat?.isFile()) return void response.writeHead(404).end()
    const [start, end] = range(request.headers.range, stat.size)
    response.writeHead(request.headers.range ? 206 : 200, {
      'Content-Length': end - start + 1,
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
      'Last-Modified': stat.mtime.toUTCString(),
    })
    if (request.method === 'HEAD') return void response.end()
    const whole = mood === 'well'
    const part = whole ? end : start + Math.floor((end - start) / 2)
    const file = createReadStream(path, { start, end: part })
    file.pipe(response, { end: whole })
    if (!whole) file.once('end', () => this.#spoil(request, mood))
  }

  #spoil(request: IncomingMessage, mood: Mood): void {
    this.spoilt += 1
    if (mood === 'cut') request.socket.destroy()
  }
}
