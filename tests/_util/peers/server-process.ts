// One Ferric process: started from the built bin, watched, ended by its own pid.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { leaksIn } from '../leaks.js'
import { root } from './root.js'

const bin = join(root, 'bin', 'ferric.mjs')

/** How a process ended: its exit code, or the signal that ended it. */
export type Ended = { code: number | null; signal: NodeJS.Signals | null }

/** Roles `ferric` runs. */
export type Role = 'serve' | 'api' | 'conductor' | 'migrate'

export class ServerProcess {
  readonly role: Role
  readonly #log: string
  readonly #child: ChildProcess
  readonly #ended: Promise<Ended>

  constructor(role: Role, conf: string, log: string, env: NodeJS.ProcessEnv) {
    this.role = role
    this.#log = log
    const out = openSync(log, 'a')
    const args = [bin, role, '--config-file', conf]
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', out, out] })
    closeSync(out)
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    process.once('exit', () => this.#child.kill('SIGKILL'))
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`ferric ${this.role} did not start`)
    return this.#child.pid
  }

  /** True until the process is gone. */
  get lives(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What the process wrote last. */
  tail(lines = 20): string {
    return readFileSync(this.#log, 'utf8').trim().split('\n').slice(-lines).join('\n')
  }

  /** Sends a signal and waits until the process is gone; SIGKILL follows after 30 seconds. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    if (this.lives) this.#child.kill(signal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    const ended = await this.#ended
    clearTimeout(timer)
    return ended
  }

  /** Secrets found in what the process wrote. */
  leaks(): string[] {
    return leaksIn(readFileSync(this.#log, 'utf8'))
  }

  /** Waits for a process that ends by itself. */
  finished(): Promise<Ended> {
    return this.#ended
  }
}
