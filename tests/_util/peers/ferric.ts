// Ferric as an operator runs it, in each of its homes, from the built bin.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeConf, type ConfChanges } from '../../../scripts/peers/conf.mjs'
import { ServerProcess, type Ended, type Role } from './server-process.js'
import { postgresStore, redisStore, type Store } from './stores.js'
import { until } from './until.js'

/** Where Ferric keeps its state: the embedded PostgreSQL; a server; a server, the queue on Redis and roles apart. */
export type Home = 'embedded' | 'postgres' | 'redis'

const ROLES: Record<Home, Role[]> = {
  embedded: ['serve'],
  postgres: ['serve'],
  redis: ['conductor', 'api'],
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

type Stores = { stores: Store[]; env: NodeJS.ProcessEnv }
type Headers = Record<string, string>
type Made = Stores & { home: Home; dir: string; conf: string; port: number; headers: Headers }

/** What a home stands on, set by the variables oslo.config reads, so that any ironic.conf fits under it. */
async function storesOf(home: Home): Promise<Stores> {
  if (home === 'embedded') return { stores: [], env: {} }
  const database = await postgresStore()
  const env = { OS_DATABASE__CONNECTION: database.url }
  if (home === 'postgres') return { stores: [database], env }
  const queue = await redisStore()
  return { stores: [database, queue], env: { ...env, OS_FERRIC__QUEUE_URL: queue.url } }
}

/** A Ferric whose processes come and go while its state stays. */
export class Ferric implements AsyncDisposable {
  readonly home: Home
  readonly url: string
  readonly dir: string
  readonly #conf: string
  readonly #headers: Headers
  readonly #env: NodeJS.ProcessEnv
  readonly #stores: Store[]
  #processes: ServerProcess[] = []

  private constructor(made: Made) {
    this.home = made.home
    this.url = `http://127.0.0.1:${made.port}`
    this.dir = made.dir
    this.#conf = made.conf
    this.#headers = made.headers
    this.#stores = made.stores
    this.#env = {
      ...process.env,
      ...made.env,
      OS_DEFAULT__STATE_PATH: join(made.dir, 'state'),
      OS_API__PORT: String(made.port),
    }
  }

  /**
   * Prepares state and configuration; starts nothing.
   * @param conf the text of an ironic.conf
   * @param headers let `start` read the list of conductors where authentication is on
   * @param dir an existing directory for state, configuration and logs
   */
  static async prepare(
    home: Home,
    conf: string,
    headers: Headers = {},
    dir: string = mkdtempSync(join(tmpdir(), `ferric-${home}-`)),
  ): Promise<Ferric> {
    // As root, the embedded PostgreSQL runs under another account, which must reach its data.
    chmodSync(dir, 0o755)
    const path = join(dir, 'ironic.conf')
    writeFileSync(path, conf)
    const port = await freePort()
    return new Ferric({ home, dir, conf: path, port, headers, ...(await storesOf(home)) })
  }

  get pids(): number[] {
    return this.#processes.map((one) => one.pid)
  }

  /** Where its PostgreSQL is; undefined for the embedded home. */
  get databaseUrl(): string | undefined {
    return this.home === 'embedded' ? undefined : this.#stores[0]?.url
  }

  get lives(): boolean {
    return this.#processes.length > 0 && this.#processes.every((one) => one.lives)
  }

  /** Starts every role and waits until the API answers; returns the milliseconds that took. */
  async start(timeoutMs = 60_000): Promise<number> {
    const began = performance.now()
    if (this.home === 'redis') await this.#migrate()
    this.#processes = ROLES[this.home].map((role) => this.#spawn(role))
    await until(() => this.#answers(), { what: `answer from ${this.url}`, timeoutMs, everyMs: 20 })
    return performance.now() - began
  }

  /** Ends every process with `signal`; returns how each ended. */
  async end(signal: NodeJS.Signals): Promise<Ended[]> {
    return Promise.all(this.#processes.map((one) => one.end(signal)))
  }

  /** The last lines each process wrote. */
  logs(): string {
    return this.#processes.map((one) => `${one.role}:\n${one.tail()}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM')
    const leaks = this.#processes.flatMap((one) => one.leaks())
    await Promise.all(this.#stores.map((store) => store[Symbol.asyncDispose]()))
    if (!process.env.FERRIC_KEEP) rmSync(this.dir, { recursive: true, force: true })
    if (leaks.length > 0) throw new Error(`secrets in the log:\n${leaks.join('\n')}`)
  }

  #spawn(role: Role): ServerProcess {
    return new ServerProcess(role, this.#conf, join(this.dir, `${role}.log`), this.#env)
  }

  async #migrate(): Promise<void> {
    const run = this.#spawn('migrate')
    const { code } = await run.finished()
    if (code !== 0) throw new Error(`ferric migrate ended with ${code}:\n${run.tail()}`)
  }

  async #answers(): Promise<true | undefined> {
    const dead = this.#processes.find((one) => !one.lives)
    if (dead) throw new Error(`ferric ${dead.role} ended early:\n${dead.tail()}`)
    const answer = await fetch(`${this.url}/v1/`).catch(() => undefined)
    return answer?.status === 200 && (await this.#hasConductor()) ? true : undefined
  }

  /** Without a live conductor every enrollment is refused, so readiness includes one. */
  async #hasConductor(): Promise<boolean> {
    const headers = { 'X-OpenStack-Ironic-API-Version': '1.49', ...this.#headers }
    const answer = await fetch(`${this.url}/v1/conductors`, { headers })
    const { conductors }: { conductors?: { alive: boolean }[] } = JSON.parse(await answer.text())
    return conductors?.some((one) => one.alive) ?? false
  }
}

/** Starts Ferric with fake hardware and the given options; dispose of it to end it and its stores. */
export async function startFerric(
  home: Home,
  conf: ConfChanges | string = {},
  headers: Headers = {},
): Promise<Ferric> {
  const text = typeof conf === 'string' ? conf : fakeConf(conf)
  const ferric = await Ferric.prepare(home, text, headers)
  try {
    await ferric.start()
    return ferric
  } catch (error) {
    const said = ferric.logs()
    await ferric[Symbol.asyncDispose]()
    throw new Error(`${String(error)}\n${said}`, { cause: error })
  }
}
