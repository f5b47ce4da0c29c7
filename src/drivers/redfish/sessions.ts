import { createHash } from 'node:crypto'
import { background } from '../../background.js'
import type { ProcessContext } from '../../process-context.js'
import { RedfishClient } from '../../protocols/redfish/client.js'
import { ConnectionFailed } from '../../protocols/redfish/errors.js'
import { service } from '../../services.js'
import { bmcScheduler } from '../bmc/scheduler.js'
import type { RedfishInfo } from './driver-info.js'

/** Attribute registries of BIOSes are the largest answers, a few MB. */
const maxAnswerBytes = 32 * 1024 * 1024
/** Ending a session must not hold up what comes after. */
const closingMs = 5000

/** The clients of this process by address and account, the oldest first. BMCs have few sessions to leave behind. */
const redfishClients = service({
  name: 'Redfish sessions',
  create: (ctx: ProcessContext) => {
    bmcScheduler(ctx)
    return new Map<string, RedfishClient>()
  },
  close: async (clients, ctx) => {
    await Promise.all([...clients.values()].map((client) => endClient(ctx, client)))
    clients.clear()
  },
})

const keyOf = (info: RedfishInfo): string =>
  createHash('sha512').update(JSON.stringify(info)).digest('hex')

/** The client of a BMC, kept while it is of use: one session serves all work (upstream's SessionCache). */
export function clientOf(ctx: ProcessContext, info: RedfishInfo): RedfishClient {
  const size = ctx.config.redfish.connection_cache_size
  if (size === 0) return makeClient(ctx, info)
  const cache = redfishClients(ctx)
  const key = keyOf(info)
  const known = cache.get(key)
  if (known !== undefined) return known
  const client = makeClient(ctx, info)
  cache.set(key, client)
  for (const [old, other] of cache) {
    if (cache.size <= size) break
    cache.delete(old)
    background(ctx.log.bmc, 'end a Redfish session', endClient(ctx, other))
  }
  return client
}

/** Forgets a client, whose account the BMC refused; one that is not kept is ended as well. */
export async function releaseClient(
  ctx: ProcessContext,
  info: RedfishInfo,
  client: RedfishClient,
  refused: boolean,
): Promise<void> {
  const cache = redfishClients(ctx)
  const key = keyOf(info)
  const kept = cache.get(key) === client
  if (kept && !refused) return
  if (kept) cache.delete(key)
  await endClient(ctx, client)
}

async function endClient(ctx: ProcessContext, client: RedfishClient): Promise<void> {
  try {
    await client.close({ signal: AbortSignal.timeout(closingMs), priority: 'poll' })
  } catch (error) {
    ctx.log.bmc.debug(
      { error, bmc: client.origin },
      'a Redfish session was not ended; it will expire',
    )
  }
}

function makeClient(ctx: ProcessContext, info: RedfishInfo): RedfishClient {
  const { redfish } = ctx.config
  const connectTimeoutMs = redfish.connect_timeout * 1000
  const readTimeoutMs = redfish.read_timeout * 1000
  const longest = connectTimeoutMs + 2 * readTimeoutMs
  return new RedfishClient({
    origin: info.address,
    rootPath: info.rootPrefix ?? '/redfish/v1/',
    credentials: info,
    verify: info.verifyCa,
    tlsMinimum: info.tlsMinimumVersion,
    tlsCiphers: info.tlsCiphers,
    connectTimeoutMs,
    readTimeoutMs,
    connections: 1,
    maxAnswerBytes,
    attempts: redfish.connection_attempts,
    retryIntervalMs: redfish.connection_retry_interval * 1000,
    clock: ctx.clock,
    gate: async (call, work) => {
      const deadline = ctx.clock.now().getTime() + 3 * longest
      const isUnreachable = (error: unknown): boolean => error instanceof ConnectionFailed
      return await bmcScheduler(ctx).run(info.address, { ...call, deadline, isUnreachable }, work)
    },
  })
}
