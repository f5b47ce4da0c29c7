// Stands between a client and a BMC and does to packets what networks do. Records what passes.
import { createSocket, type Socket } from 'node:dgram'

export interface Passed {
  readonly to: 'bmc' | 'client'
  readonly at: number
  /** The client's port: one for each session. */
  readonly client: number
  readonly packet: Buffer
}

/** What becomes of a packet: the packets that go on instead, each after some milliseconds. */
export type Mischief = (
  packet: Buffer,
  to: Passed['to'],
) => readonly { readonly packet: Buffer; readonly after?: number }[]

export const unharmed: Mischief = (packet) => [{ packet }]

export class UdpProxy implements AsyncDisposable {
  readonly passed: Passed[] = []
  mischief: Mischief = unharmed
  readonly #outside: Socket
  readonly #bmcPort: number
  readonly #inside = new Map<number, Socket>()

  private constructor(outside: Socket, bmcPort: number) {
    this.#outside = outside
    this.#bmcPort = bmcPort
    outside.on('message', (packet, from) => {
      this.#pass(packet, 'bmc', from.port, (bytes) => this.#insideOf(from.port).send(bytes))
    })
  }

  static async start(bmcPort: number): Promise<UdpProxy> {
    const outside = createSocket('udp4')
    await new Promise<void>((resolve) => outside.bind(0, '127.0.0.1', resolve))
    const proxy = new UdpProxy(outside, bmcPort)
    return proxy
  }

  get port(): number {
    return this.#outside.address().port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#outside, ...this.#inside.values()]) socket.close()
    await Promise.resolve()
  }

  /** A socket per client, so that the BMC tells them apart. */
  #insideOf(clientPort: number): { send(bytes: Buffer): void } {
    const known = this.#inside.get(clientPort) ?? createSocket('udp4')
    if (!this.#inside.has(clientPort)) {
      this.#inside.set(clientPort, known)
      known.on('message', (packet) => {
        this.#pass(packet, 'client', clientPort, (bytes) =>
          this.#outside.send(bytes, clientPort, '127.0.0.1'),
        )
      })
    }
    return { send: (bytes) => known.send(bytes, this.#bmcPort, '127.0.0.1') }
  }

  #pass(packet: Buffer, to: Passed['to'], client: number, send: (bytes: Buffer) => void): void {
    for (const { packet: bytes, after = 0 } of this.mischief(packet, to)) {
      setTimeout(() => {
        this.passed.push({ to, at: performance.now(), client, packet: bytes })
        try {
          send(bytes)
        } catch (error) {
          // The test is over and the sockets are closed.
          if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error
        }
      }, after)
    }
  }
}
