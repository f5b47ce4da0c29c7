import { access, constants, mkdir } from 'node:fs/promises'
import { createServer, isIPv6 } from 'node:net'
import { Redis } from 'ioredis'
import type { Config } from '../config/index.js'
import { openDatabase } from '../db/client.js'
import { pendingMigrations } from '../db/migrate.js'
import { databaseHome, describeHome } from '../db/url.js'
import { exchange } from '../http.js'
import type { Logger } from '../log/logger.js'
import { describeFailure } from './command.js'
import type { CommandInput } from './command.js'
import { bootChecks } from './doctor-boot.js'
import { exitCodes } from './exit-codes.js'

/** One thing that `ferric doctor` checks. Resolves to a description, rejects with what is wrong. */
interface Check {
  readonly name: string
  readonly run: () => Promise<string>
}

const redisTimeoutMs = 5_000
const httpTimeoutMs = 2_000

/** `ferric doctor`: every check runs, also after one has failed. */
export async function doctor({ loaded, log, terminal }: CommandInput): Promise<number> {
  const { config, files } = loaded
  const checks: Check[] = [
    { name: 'configuration', run: () => Promise.resolve(files.join(', ') || 'defaults, no file') },
    { name: 'state path', run: () => checkStatePath(config) },
    { name: 'database', run: () => checkDatabase(config, log.db) },
    { name: 'queue', run: () => checkQueue(config) },
    ...(config.api.unix_socket === null
      ? [{ name: 'API port', run: () => checkPort(config.api.host_ip, config.api.port) }]
      : []),
    ...(config.ferric.boot ? bootChecks(config) : []),
  ]
  let failures = 0
  for (const check of checks) {
    try {
      terminal.out(`ok      ${check.name}: ${await check.run()}\n`)
    } catch (error) {
      failures++
      terminal.out(`FAILED  ${check.name}: ${describeFailure(error)}\n`)
    }
  }
  return failures === 0 ? exitCodes.ok : exitCodes.failed
}

async function checkStatePath({ DEFAULT }: Config): Promise<string> {
  await mkdir(DEFAULT.state_path, { recursive: true })
  await access(DEFAULT.state_path, constants.W_OK)
  return DEFAULT.state_path
}

async function checkDatabase(config: Config, log: Logger): Promise<string> {
  await using database = await openDatabase(config, log)
  const pending = await pendingMigrations(database)
  return pending === 0 ? database.description : `${database.description}, not migrated yet`
}

async function checkQueue({ ferric, database, DEFAULT }: Config): Promise<string> {
  if (ferric.queue_url === null) {
    return `in the database (${describeHome(databaseHome(database.connection, DEFAULT.state_path))})`
  }
  const redis = new Redis(ferric.queue_url, {
    lazyConnect: true,
    connectTimeout: redisTimeoutMs,
    commandTimeout: redisTimeoutMs,
    retryStrategy: () => null,
  })
  // `connect` rejects with "Connection is closed"; only the event has the cause.
  let reason: unknown
  redis.on('error', (error) => {
    reason = error
  })
  try {
    await redis.connect()
    await redis.ping()
    return `redis://${redis.options.host}:${redis.options.port}`
  } catch (error) {
    throw reason ?? error
  } finally {
    redis.disconnect()
  }
}

/** A port in use is fine when an Ironic API answers there, because then Ferric runs. */
async function checkPort(host: string, port: number): Promise<string> {
  try {
    await bindOnce(host, port)
    return `${host}:${port} is free`
  } catch (error) {
    if (await answersAsIronic(host, port)) return `${host}:${port}, an Ironic API answers there`
    throw error
  }
}

function bindOnce(host: string, port: number): Promise<void> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

async function answersAsIronic(host: string, port: number): Promise<boolean> {
  const address = isIPv6(host) ? `[${host}]` : host
  try {
    const url = `http://${address}:${port}/`
    const signal = AbortSignal.timeout(httpTimeoutMs)
    const limits = { signal, timeoutMs: httpTimeoutMs, maxBytes: 64 * 1024 }
    const { headers, body } = await exchange(url, limits)
    return 'x-openstack-ironic-api-version' in headers || body.includes('Ironic')
  } catch {
    // The listener does not speak HTTP; the caller reports the port as in use.
    return false
  }
}
