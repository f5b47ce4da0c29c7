// Several conductors and APIs over one PostgreSQL and one Redis, each of which can be killed alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn, type ChildProcess } from 'node:child_process'
import { installedPeer } from './installed.js'
import { ServerProcess, type Role } from './server-process.js'
import { postgresStore, type Store } from './stores.js'
import { until } from './until.js'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A Redis that keeps nothing when it restarts. */
class Redis implements AsyncDisposable {
  readonly url: string
  readonly #binary: string
  readonly #port: number
  #child: ChildProcess

  private constructor(binary: string, port: number) {
    this.#binary = binary
    this.#port = port
    this.url = `redis://127.0.0.1:${port}/0`
    this.#child = this.#spawn()
  }

  static async start(): Promise<Redis> {
    const { binary } = await installedPeer<{ dir: string; binary: string }>('redis')
    return new Redis(binary, await freePort())
  }

  #spawn(): ChildProcess {
    const args = ['--bind', '127.0.0.1', '--port', String(this.#port), '--save', '']
    const child = spawn(this.#binary, [...args, '--dir', tmpdir()], { stdio: 'ignore' })
    process.setMaxListeners(0)
    process.once('exit', () => child.kill('SIGKILL'))
    return child
  }

  /** Everything it held is lost. */
  async restart(): Promise<void> {
    await this.#stop()
    this.#child = this.#spawn()
  }

  async #stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}

interface Member {
  readonly name: string
  readonly role: Role
  readonly port: number | null
  process: ServerProcess
}

export class Cluster implements AsyncDisposable {
  readonly redis: Redis
  readonly database: Store
  readonly urls: readonly string[]
  readonly dir: string
  readonly members: Member[]
  /** Pids of what was killed. */
  readonly killed = new Set<number>()
  readonly #conf: string

  private constructor(
    parts: Pick<Cluster, 'redis' | 'database' | 'dir'>,
    ports: number[],
    names: string[],
  ) {
    this.redis = parts.redis
    this.database = parts.database
    this.dir = parts.dir
    this.#conf = join(parts.dir, 'ironic.conf')
    this.urls = ports.map((port) => `http://127.0.0.1:${port}`)
    this.members = [
      ...names.map((name) => this.#member(name, 'conductor', null)),
      ...ports.map((port, n) => this.#member(`api-${n + 1}`, 'api', port)),
    ]
  }

  static async start(conf: string, conductors: number, apis: number): Promise<Cluster> {
    const dir = mkdtempSync(join(tmpdir(), 'ferric-cluster-'))
    writeFileSync(join(dir, 'ironic.conf'), conf)
    const [redis, database] = await Promise.all([Redis.start(), postgresStore()])
    const ports: number[] = []
    for (let n = 0; n < apis; n++) ports.push(await freePort())
    const names = Array.from({ length: conductors }, (_, n) => `conductor-${n + 1}`)
    const migration = new ServerProcess(
      'migrate',
      join(dir, 'ironic.conf'),
      join(dir, 'migrate.log'),
      {
        ...process.env,
        OS_DATABASE__CONNECTION: database.url,
        OS_FERRIC__QUEUE_URL: redis.url,
      },
    )
    const { code } = await migration.finished()
    if (code !== 0) throw new Error(`ferric migrate ended with ${code}:\n${migration.tail()}`)
    const cluster = new Cluster({ redis, database, dir }, ports, names)
    await cluster.ready(conductors)
    return cluster
  }

  #member(name: string, role: Role, port: number | null): Member {
    return { name, role, port, process: this.#spawn(name, role, port) }
  }

  #spawn(name: string, role: Role, port: number | null): ServerProcess {
    return new ServerProcess(role, this.#conf, join(this.dir, `${name}.log`), {
      ...process.env,
      OS_DATABASE__CONNECTION: this.database.url,
      OS_FERRIC__QUEUE_URL: this.redis.url,
      OS_DEFAULT__HOST: name,
      OS_DEFAULT__STATE_PATH: join(this.dir, name),
      ...(port === null ? {} : { OS_API__PORT: String(port) }),
    })
  }

  /** Waits until every API answers and that many conductors are alive. */
  async ready(conductors: number): Promise<void> {
    for (const url of this.urls) {
      await until(() => alive(url, conductors), {
        what: `${conductors} conductors at ${url}`,
        timeoutMs: 60_000,
      })
    }
  }

  /** Kills a process without a word, and starts it again. */
  async killAndRestart(member: Member): Promise<void> {
    this.killed.add(member.process.pid)
    await member.process.end('SIGKILL')
    member.process = this.#spawn(member.name, member.role, member.port)
  }

  logs(): string {
    return this.members.map((m) => `${m.name}:\n${m.process.tail(8)}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((m) => m.process.end('SIGKILL')))
    await this.redis[Symbol.asyncDispose]()
    await this.database[Symbol.asyncDispose]()
    if (!process.env['FERRIC_KEEP']) rmSync(this.dir, { recursive: true, force: true })
  }
}

async function alive(url: string, wanted: number): Promise<true | undefined> {
  const headers = { 'X-OpenStack-Ironic-API-Version': '1.49' }
  const answer = await fetch(`${url}/v1/conductors`, { headers }).catch(() => undefined)
  if (answer?.status !== 200) return undefined
  const { conductors }: { conductors: { alive: boolean }[] } = JSON.parse(await answer.text())
  return conductors.filter((one) => one.alive).length >= wanted ? true : undefined
}
