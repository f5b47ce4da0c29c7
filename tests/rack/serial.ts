// The serial console of a machine: read what it said, type to it.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../_util/peers/until.js'

/** A console by its log and its socket. `mark` remembers a place, so that only what follows counts. */
export class SerialConsole {
  readonly #log: string
  readonly #socket: string
  #mark = 0

  constructor(log: string, socket: string) {
    this.#log = log
    this.#socket = socket
  }

  /** What was said since the mark. */
  text(): string {
    if (!existsSync(this.#log)) return ''
    // Consoles end lines with both characters, and `.` of a pattern stops at either.
    return readFileSync(this.#log).subarray(this.#mark).toString('latin1').replaceAll('\r', '')
  }

  mark(): void {
    this.#mark = existsSync(this.#log) ? statSync(this.#log).size : 0
  }

  /** The first match since the mark, waited for; throws with the console's last lines when it does not come. */
  async expect(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray> {
    const look = (): Promise<RegExpMatchArray | undefined> =>
      Promise.resolve(this.text().match(pattern) ?? undefined)
    const wait = { what: `${String(pattern)} on the console`, timeoutMs, everyMs: 250 }
    return until(look, wait).catch((error: unknown) => {
      throw new Error(`${String(error)}; it ends:\n${this.tail()}`, { cause: error })
    })
  }

  /** Types one line. */
  async type(line: string): Promise<void> {
    const socket = connect(this.#socket)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    socket.resume().write(`${line}\r`)
    await sleep(300)
    socket.destroy()
  }

  /** The last lines, without what only a terminal understands. */
  tail(lines = 25): string {
    // oxlint-disable-next-line no-control-regex -- escape sequences are what is removed
    const plain = this.text().replaceAll(/\u001b\[[0-9;?=]*[a-zA-Z]/g, '')
    return plain.trim().split('\n').slice(-lines).join('\n')
  }
}
