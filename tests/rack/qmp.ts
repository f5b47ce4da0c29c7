// The few words of QEMU's monitor protocol the rack needs (docs/interop/qmp-spec of QEMU).
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { until } from '../_util/peers/until.js'

type Event = { event?: string; data?: { reason?: string } }

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket)).once('error', () => resolve(undefined))
  })
}

/** A connection to one QEMU's monitor. */
export class Qmp {
  readonly #socket: Socket
  /** Why the machine stopped, as QEMU said it: guest-reset, guest-shutdown … */
  stopReason: string | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', (line) => this.#hear(JSON.parse(line)))
    this.execute('qmp_capabilities')
  }

  /** Connects as soon as QEMU listens; throws after ten seconds. */
  static async connect(path: string): Promise<Qmp> {
    const wait = { what: `monitor at ${path}`, timeoutMs: 10_000 }
    return new Qmp(await until(() => open(path), wait))
  }

  execute(command: string): void {
    this.#socket.write(`${JSON.stringify({ execute: command })}\n`)
  }

  close(): void {
    this.#socket.destroy()
  }

  #hear(said: Event): void {
    if (said.event === 'SHUTDOWN') this.stopReason = said.data?.reason
  }
}
