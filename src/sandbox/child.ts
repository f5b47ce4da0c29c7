import { fork, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installationRoot } from '../installation.js'
import { ProgramFailed, ProgramStopped, type ProgramAnswer, type ProgramCall } from './program.js'

/** A rendered file of some megabytes and what it is made of; a runaway program meets it soon. */
const mostHeapMb = 128
const startMs = 20_000
const bundle = 'sandbox.js'

/** The bundle lies beside that of the server; tests run from `src/`, and build it first. */
function bundlePath(): string {
  const beside = fileURLToPath(new URL(bundle, import.meta.url))
  return existsSync(beside) ? beside : join(installationRoot(), 'dist', bundle)
}

/**
 * One process of the sandbox. It runs one program at a time, and is replaced after it was stopped.
 * It is a process and not a worker thread, because V8 ends the whole process when a thread's
 * allocation exceeds the thread's memory limit by much.
 */
export class SandboxChild {
  readonly #child: ChildProcess
  readonly #ready: Promise<void>
  #settle: ((outcome: ProgramAnswer | Error) => void) | null = null
  #ended: Error | null = null

  constructor() {
    this.#child = fork(bundlePath(), [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${mostHeapMb}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (answer: ProgramAnswer) => this.#settle?.(answer))
    this.#child.on('error', (cause) => this.end(new ProgramStopped(cause.message, { cause })))
    this.#child.once('exit', (code, signal) => this.end(reasonOf(code, signal)))
    this.#ready = this.#next(startMs).then(() => undefined)
    this.#ready.catch(() => undefined)
    this.#unref()
  }

  get isAlive(): boolean {
    return this.#ended === null
  }

  /**
   * Runs a program. One that is still running after `ms` is ended together with its process.
   * @throws ProgramFailed, ProgramStopped
   */
  async run(call: ProgramCall, ms: number): Promise<unknown> {
    this.#child.ref()
    this.#child.channel?.ref()
    try {
      await this.#ready
      this.#child.send(call, (error) => {
        if (error !== null) this.end(new ProgramStopped(error.message, { cause: error }))
      })
      const answer = await this.#next(ms)
      if ('output' in answer) return answer.output
      throw new ProgramFailed(answer.error.name, answer.error.message)
    } finally {
      this.#unref()
    }
  }

  /** Kills the process; the program that it runs fails with the reason. */
  end(reason: Error = new ProgramStopped('the sandbox was closed')): void {
    if (this.#ended !== null) return
    this.#ended = reason
    this.#settle?.(reason)
    this.#child.kill('SIGKILL')
  }

  #unref(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  /**
   * The next message. The timer is the system's and not an injected clock's, because the limit is
   * one of real time.
   */
  #next(ms: number): Promise<ProgramAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended)
        return
      }
      const timer = setTimeout(() => {
        this.end(new ProgramStopped(`it ran for longer than ${ms / 1000} s`))
      }, ms)
      this.#settle = (outcome) => {
        clearTimeout(timer)
        this.#settle = null
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
    })
  }
}

function reasonOf(code: number | null, signal: string | null): ProgramStopped {
  // V8 aborts when the heap is full.
  if (signal === 'SIGABRT' || code === 134) {
    return new ProgramStopped(`it needed more than ${mostHeapMb} MiB of memory`)
  }
  return new ProgramStopped(`its process ended with ${signal ?? `code ${code}`}`)
}
