// A program the rack starts: output in a file, ended by its own pid.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** A running program and the promise of its end. */
export class Daemon {
  readonly #child: ChildProcess
  readonly ended: Promise<void>

  constructor(file: string, args: string[], log: string) {
    const out = openSync(log, 'a')
    this.#child = spawn(file, args, { stdio: ['ignore', out, out] })
    closeSync(out)
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', (error) => {
        process.stderr.write(`${file}: ${error.message}\n`)
        resolve()
      })
    })
  }

  get lives(): boolean {
    const { pid, exitCode, signalCode } = this.#child
    return pid !== undefined && exitCode === null && signalCode === null
  }

  /** Ends the program at once and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.lives) this.#child.kill('SIGKILL')
    await this.ended
  }
}
