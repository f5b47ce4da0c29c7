// A real Keystone with its state in one directory: started, killed, started again on the same port.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pythonPeer } from '../../_util/peers/installed.js'
import { root } from '../../_util/peers/root.js'
import { until } from '../../_util/peers/until.js'

const run = promisify(execFile)
export const adminPassword = 'the-password-of-admin'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function writeConf(dir: string, tokenSeconds: number): void {
  const conf = `[database]
connection = sqlite:///${join(dir, 'keystone.sqlite')}
[token]
expiration = ${tokenSeconds}
[fernet_tokens]
key_repository = ${join(dir, 'fernet')}
[fernet_receipts]
key_repository = ${join(dir, 'fernet')}
[credential]
key_repository = ${join(dir, 'credential')}
[identity]
password_hash_rounds = 4
`
  writeFileSync(join(dir, 'keystone.conf'), conf)
}

export class Keystone implements AsyncDisposable {
  readonly url: string
  readonly #venv: string
  readonly #dir: string
  readonly #port: number
  #child: ChildProcess | null = null

  private constructor(venv: string, dir: string, port: number) {
    this.#venv = venv
    this.#dir = dir
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** Installs (where it may), makes the database, the keys and `admin`; starts nothing. */
  static async prepare(): Promise<Keystone> {
    const { dir: venv } = await pythonPeer('keystone')
    const dir = mkdtempSync(join(tmpdir(), 'ferric-keystone-'))
    const keystone = new Keystone(venv, dir, await freePort())
    for (const name of ['fernet', 'credential']) mkdirSync(join(dir, name), { mode: 0o700 })
    writeConf(dir, 3600)
    const me = ['--keystone-user', userInfo().username, '--keystone-group', String(userInfo().gid)]
    await keystone.#manage('db_sync')
    await keystone.#manage('fernet_setup', ...me)
    await keystone.#manage('credential_setup', ...me)
    await keystone.#manage(
      ...['bootstrap', '--bootstrap-password', adminPassword, '--bootstrap-region-id', 'one'],
      ...['--bootstrap-public-url', `${keystone.url}/v3`],
      ...['--bootstrap-internal-url', `${keystone.url}/v3`],
    )
    return keystone
  }

  /** Starts it and waits for its answer; tokens issued from now on live so long. */
  async start(tokenSeconds = 3600): Promise<void> {
    writeConf(this.#dir, tokenSeconds)
    const log = join(this.#dir, 'log')
    const out = openSync(log, 'a')
    const args = [join(root, 'tests', 'compat', 'keystone', 'serve.py'), String(this.#port)]
    const env = { ...process.env, OS_KEYSTONE_CONFIG_DIR: this.#dir }
    const python = join(this.#venv, 'bin', 'python')
    const child = spawn(python, args, { env, stdio: ['ignore', out, out] })
    closeSync(out)
    this.#child = child
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(readFileSync(log, 'utf8').slice(-2000))
        return (await fetch(`${this.url}/v3`).catch(() => undefined))?.ok ? true : undefined
      },
      { what: 'Keystone', timeoutMs: 90_000, everyMs: 200 },
    )
  }

  /** SIGKILL, and nobody listens any more. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  async #manage(...args: string[]): Promise<void> {
    const program = join(this.#venv, 'bin', 'keystone-manage')
    await run(program, ['--config-file', join(this.#dir, 'keystone.conf'), ...args], {
      timeout: 180_000,
      env: { ...process.env, OS_KEYSTONE_CONFIG_DIR: this.#dir },
    })
  }
}
