// The real `openstack` client, pointed at a server without Keystone.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { pythonPeer } from './installed.js'
import { root } from './root.js'

const driver = join(root, 'tests', '_util', 'peers', 'shell_driver.py')

/** What a command printed and its exit code. */
export type Ran = { code: number; stdout: string; stderr: string }

/** A client process that takes commands until it is disposed of. */
export interface OpenStack extends AsyncDisposable {
  /** Runs one command and returns what it printed, whatever its exit code. */
  try(...argv: string[]): Promise<Ran>
  /** Runs one command; throws with its error output unless it ends well. */
  run(...argv: string[]): Promise<string>
  /** Runs one command with `-f json` and returns the parsed answer. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<T>
  /** The same command as a separate `openstack` process, the way a person types it. */
  typed(...argv: string[]): Promise<Ran>
}

function environment(url: string): NodeJS.ProcessEnv {
  return { ...process.env, OS_AUTH_TYPE: 'none', OS_ENDPOINT: url, PYTHONUNBUFFERED: '1' }
}

function typed(binary: string, env: NodeJS.ProcessEnv, argv: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(binary, argv, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 70) : 0
      resolve({ code, stdout, stderr })
    })
  })
}

function answersOf(child: ChildProcess): AsyncIterator<string> {
  if (!child.stdout) throw new Error('the client has no standard output')
  const lines: Interface = createInterface({ input: child.stdout })
  return lines[Symbol.asyncIterator]()
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await gone
}

class Shell implements OpenStack {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #binary: string
  readonly #env: NodeJS.ProcessEnv

  constructor(dir: string, url: string) {
    this.#env = environment(url)
    this.#binary = join(dir, 'bin', 'openstack')
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit']
    this.#child = spawn(join(dir, 'bin', 'python'), [driver], { env: this.#env, stdio })
    this.#answers = answersOf(this.#child)
  }

  async try(...argv: string[]): Promise<Ran> {
    this.#child.stdin?.write(`${JSON.stringify({ argv })}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error(`the client died at: openstack ${argv.join(' ')}`)
    return JSON.parse(value)
  }

  async run(...argv: string[]): Promise<string> {
    const ran = await this.try(...argv)
    if (ran.code === 0) return ran.stdout
    throw new Error(`openstack ${argv.join(' ')}: exit ${ran.code}\n${ran.stderr.trim()}`)
  }

  async json<T>(...argv: string[]): Promise<T> {
    return JSON.parse(await this.run(...argv, '-f', 'json'))
  }

  typed(...argv: string[]): Promise<Ran> {
    return typed(this.#binary, this.#env, argv)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ended(this.#child)
  }
}

/** Starts the newest client (installed where it may be) against the service at `url`. */
export async function openstackClient(url: string): Promise<OpenStack> {
  const { dir } = await pythonPeer('clients')
  return new Shell(dir, url)
}
