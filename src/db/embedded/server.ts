/** The embedded server as a process of Ferric sees it: joined when it runs, started when it does not, kept alive. */
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.js'
import type { Logger } from '../../log/logger.js'
import { DirectoryInUse, lockDirectory } from '../lock-file.js'
import { serverAccount, type Account } from './account.js'
import { findBinaries } from './binaries.js'
import {
  clusterMajor,
  createCluster,
  databaseRole,
  holdsPglite,
  prepareHome,
  rolePassword,
  serverPort,
} from './cluster.js'
import { hasSocket, layoutOf, type Layout } from './layout.js'
import { reserveLogSpace } from './log-space.js'
import { runningPostmaster, startPostmaster, untilStopped } from './postmaster.js'
import { registerUser, type Registration } from './watcher.js'

export interface EmbeddedOptions {
  /** An absolute directory, `state_path/db` by default. */
  readonly home: string
  /** `[ferric] postgres_user`. */
  readonly user: string
  readonly clock: Clock
  readonly log: Logger
  /** Settings of a test's throw-away server. */
  readonly overrides?: Readonly<Record<string, string>>
}

export interface EmbeddedServer {
  /** With the password. */
  readonly url: URL
  /**
   * Ends this process's use.
   * @param last whether no other process uses the server: then this waits until it has stopped
   */
  close(last: boolean): Promise<void>
  /** Says why writes fail although the server answers, or returns null. */
  trouble(): Promise<string | null>
}

const lockRetryMs = 100
const lockTimeoutMs = 300_000
const keepIntervalMs = 1_000
const stopTimeoutMs = 60_000
/** Processes of a killed server need a moment to notice that it is gone. */
const leftoverTimeoutMs = 30_000
const leftoverRetryMs = 200
const littleSpaceBytes = 16 * 2 ** 20
const leastSpaceBytes = 64 * 1024

/**
 * Makes the embedded server available: creates its cluster on the first call, starts it unless it runs, and starts
 * it again whenever it dies, until `close`.
 * @throws Error when the home holds another kind of database, or when the server cannot start
 */
export async function joinServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const account = serverAccount(options.user)
  const layout = layoutOf(options.home, account)
  if (await holdsPglite(layout)) throw pgliteFound(layout)
  await prepareHome(layout, account)
  const keeper = new Keeper(layout, account, options)
  await keeper.start()
  return {
    url: await urlOf(layout),
    close: (last) => keeper.close(last),
    trouble: () => troubleOf(layout),
  }
}

/** A table grows by a page at a time, so a disk with less than a few pages takes no writes. */
async function troubleOf({ data }: Layout): Promise<string | null> {
  const { bavail, bsize } = await statfs(data)
  return bavail * bsize < leastSpaceBytes ? 'no space left on its disk (ENOSPC)' : null
}

const pgliteFound = ({ home }: Layout) =>
  new Error(
    `${home} holds the database of an older Ferric (PGlite). Move its content into the new one once with:\n` +
      '  npm install --no-save @electric-sql/pglite@0.5 && npm start -- import-pglite',
  )

async function urlOf(layout: Layout): Promise<URL> {
  const port = await serverPort(layout)
  const url = new URL(`postgresql://${databaseRole}@127.0.0.1:${port}/postgres`)
  url.password = await rolePassword(layout)
  if (hasSocket(layout)) url.searchParams.set('host', layout.run)
  return url
}

class Keeper {
  readonly #layout: Layout
  readonly #account: Account | null
  readonly #options: EmbeddedOptions
  readonly #stop = new AbortController()
  #registration: Registration | null = null
  #keeping: Promise<void> = Promise.resolve()

  constructor(layout: Layout, account: Account | null, options: EmbeddedOptions) {
    this.#layout = layout
    this.#account = account
    this.#options = options
  }

  async start(): Promise<void> {
    try {
      await this.#alone(() => this.#ensure())
    } catch (error) {
      this.#registration?.close()
      throw error
    }
    this.#keeping = this.#keep()
  }

  async close(last: boolean): Promise<void> {
    this.#stop.abort()
    await this.#keeping
    this.#registration?.close()
    if (!last) return
    const { clock, log } = this.#options
    if (!(await untilStopped(this.#layout, clock, stopTimeoutMs)))
      log.warn({ ms: stopTimeoutMs }, 'the embedded PostgreSQL has not stopped yet')
  }

  /** One process at a time starts the server of a home. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const lock = await this.#startLock()
    try {
      await work()
    } finally {
      await lock.release()
    }
  }

  async #startLock() {
    const { clock } = this.#options
    const deadline = clock.now().getTime() + lockTimeoutMs
    for (;;) {
      try {
        return await lockDirectory(join(this.#layout.home, 'start'))
      } catch (error) {
        if (!(error instanceof DirectoryInUse) || clock.now().getTime() > deadline) throw error
      }
      await clock.sleep(lockRetryMs, this.#stop.signal)
    }
  }

  async #ensure(): Promise<void> {
    const { clock } = this.#options
    if (this.#registration?.isWatched() !== true) {
      this.#registration?.close()
      this.#registration = await registerUser(this.#layout, this.#account, clock)
    }
    for (;;) {
      const running = await runningPostmaster(this.#layout)
      if (running?.ready === true) return
      if (running === null) return await this.#startServer()
      await clock.sleep(lockRetryMs, this.#stop.signal)
    }
  }

  async #startServer(): Promise<void> {
    const { clock, log, overrides } = this.#options
    const [layout, account] = [this.#layout, this.#account]
    const binaries = await findBinaries(layout, account)
    const major = await clusterMajor(layout)
    if (major !== null && major !== binaries.major) throw wrongMajor(layout, major, binaries.major)
    const began = clock.now().getTime()
    if (major === null)
      await this.#withSpace(async () =>
        createCluster(layout, binaries, account, await rolePassword(layout)),
      )
    const start = {
      binaries,
      account,
      port: await serverPort(layout),
      clock,
      signal: this.#stop.signal,
      ...(overrides === undefined ? {} : { overrides }),
    }
    await this.#withSpace(() => this.#untilLeftoversEnd(() => startPostmaster(layout, start)))
    if (overrides === undefined) await this.#reserveLogSpace()
    const ms = clock.now().getTime() - began
    log.info({ version: binaries.major, directory: layout.data, ms }, 'embedded PostgreSQL started')
  }

  /** Without the space everything works until the disk is full. */
  async #reserveLogSpace(): Promise<void> {
    try {
      await reserveLogSpace(await urlOf(this.#layout))
    } catch (error) {
      this.#options.log.warn({ error }, 'space for the log of the embedded PostgreSQL is missing')
    }
  }

  /** PostgreSQL cannot even print that the disk is full, because its log is on the same disk. */
  async #withSpace(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const { bavail, bsize } = await statfs(this.#layout.base)
      if (bavail * bsize > littleSpaceBytes) throw error
      const why = `no space left on device (ENOSPC) for the embedded database in ${this.#layout.base}`
      throw new Error(why, { cause: error })
    }
  }

  async #untilLeftoversEnd(start: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    const deadline = clock.now().getTime() + leftoverTimeoutMs
    for (;;) {
      try {
        return await start()
      } catch (error) {
        const leftover = error instanceof Error && /still in use/.test(error.message)
        if (!leftover || clock.now().getTime() > deadline) throw error
      }
      await clock.sleep(leftoverRetryMs, this.#stop.signal)
    }
  }

  /** Starts the server again when it has died, whichever process of this host had started it. */
  async #keep(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await clock.sleep(keepIntervalMs, signal)
        const running = await runningPostmaster(this.#layout)
        if (running !== null && this.#registration?.isWatched() === true) continue
        if (running === null) log.warn('the embedded PostgreSQL is gone and is started again')
        await this.#alone(() => this.#ensure())
      } catch (error) {
        if (!signal.aborted) log.error({ error }, 'the embedded PostgreSQL cannot be started again')
      }
    }
  }
}

const wrongMajor = ({ data }: Layout, written: number, available: number) =>
  new Error(
    `PostgreSQL ${written} wrote ${data}, and only PostgreSQL ${available} is here. Nothing was changed. ` +
      'docs/operations.md, "A new major version of PostgreSQL", says how to move the content over.',
  )
