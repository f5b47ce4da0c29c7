import { createHash } from 'node:crypto'
import { background } from '../../background.js'
import type { ProcessContext } from '../../process-context.js'
import { IpmiClient, type Keep } from '../../protocols/ipmi/client.js'
import type { IpmiTarget } from '../../protocols/ipmi/connect.js'
import { connectUdp } from '../../protocols/ipmi/socket.js'
import type { Bridge } from '../../protocols/ipmi/session/bridge.js'
import type { Transport } from '../../protocols/ipmi/session/transport.js'
import { defaultTiming } from '../../protocols/ipmi/session/wire.js'
import { service } from '../../services.js'
import { bmcScheduler } from '../bmc/scheduler.js'
import type { IpmiBridging, IpmiInfo } from './driver-info.js'
import { BmcLeaseError } from '../bmc/leases.js'
import { IPMIFailure } from './errors.js'
import { fenced } from './fence.js'
import { bmcName, defaultPort } from './turn.js'

/** A session nobody used for so long is given back: BMCs have few. Within the lease on the BMC. */
const idleMs = 10_000
/**
 * A BMC ends a session that is silent for a minute, give or take three seconds (IPMI 2.0, 6.12.15);
 * OpenIPMI's simulator after half of it.
 */
const askEveryMs = [45_000, 20_000]
const closingMs = 5_000
const mostClients = 5_000

/** The clients of this process by BMC and credentials, the oldest first. BMCs have few sessions to leave behind. */
const ipmiClients = service({
  name: 'IPMI sessions',
  create: (ctx: ProcessContext) => {
    bmcScheduler(ctx)
    return new Map<string, IpmiClient>()
  },
  close: async (clients) => {
    await Promise.all([...clients.values()].map((client) => client.end()))
    clients.clear()
  },
})

/**
 * The client of a BMC, with the session it keeps. Other credentials are another client.
 * @throws IPMIFailure when the node's data cannot be used
 */
export function ipmiClient(ctx: ProcessContext, info: IpmiInfo): IpmiClient {
  const cache = ipmiClients(ctx)
  const { terminalPort: _console, ...identity } = info
  const key = createHash('sha512').update(JSON.stringify(identity)).digest('hex')
  const known = cache.get(key)
  if (known !== undefined) return known
  const client = newClient(ctx, info, (transport) => fenced(transport, () => refusalOf(ctx, info)))
  cache.set(key, client)
  for (const [old, other] of cache) {
    if (cache.size <= mostClients) break
    cache.delete(old)
    background(ctx.log.bmc, 'end an IPMI session', other.end())
  }
  return client
}

/** Work that this process may not go on with says nothing more to the BMC. */
function refusalOf(ctx: ProcessContext, info: IpmiInfo): Error | null {
  const key = bmcName(info)
  if (bmcScheduler(ctx).mayGoOn(key)) return null
  return new BmcLeaseError(`this process was held up until its lease on ${key} had run out`)
}

/**
 * A client of its own, for a session that lasts: a console, whose characters wait for no turn.
 * @param through what stands before the network
 */
export function newClient(
  ctx: ProcessContext,
  info: IpmiInfo,
  through: (transport: Transport) => Transport = (transport) => transport,
): IpmiClient {
  const { clock } = ctx
  const connect = async () => through(await connectUdp(info.address, info.port ?? defaultPort))
  const interval = ctx.config.ipmi.min_command_interval * 1000
  // A BMC that is slow to answer must not be sent the same again meanwhile (upstream's -N).
  const firstTry = Math.max(defaultTiming.firstTry, interval)
  const commandTiming = { firstTry, longestTry: Math.max(defaultTiming.longestTry, interval) }
  const busyPause = firstTry
  const inTurn = (work: () => Promise<void>) => closeInTurn(ctx, info, client, work)
  const keep = keepOf(ctx)
  const options = {
    ...{ clock, connect, commandTiming, busyPause, inTurn, idle: idleMs },
    ...(keep === null ? {} : { keep }),
  }
  const client: IpmiClient = new IpmiClient(targetOf(ctx, info), options)
  return client
}

/** From one round of the power sync to the next, with time for a round that is late. */
function keepOf({ config }: ProcessContext): Keep | null {
  const round = config.conductor.sync_power_state_interval * 1000
  if (round <= 0 || !config.ferric.ipmi_keep_sessions) return null
  return { most: 1.25 * round + idleMs, askEvery: askEveryMs }
}

/** Ends a session when nothing else is done at the BMC, here or in another process. */
async function closeInTurn(
  ctx: ProcessContext,
  info: IpmiInfo,
  session: IpmiClient,
  work: () => Promise<void>,
): Promise<void> {
  const minInterval = ctx.config.ipmi.min_command_interval * 1000
  const deadline = ctx.clock.now().getTime() + minInterval + closingMs
  const how = { priority: 'request' as const, upkeep: true, session, minInterval, deadline }
  await bmcScheduler(ctx).run(bmcName(info), how, work)
}

const privileges = { CALLBACK: 1, USER: 2, OPERATOR: 3, ADMINISTRATOR: 4 } as const

function targetOf(ctx: ProcessContext, info: IpmiInfo): IpmiTarget {
  const configured = ctx.config.ipmi.cipher_suite_versions.map(Number).toReversed()
  const suites = info.cipherSuite === null ? configured : [info.cipherSuite]
  return {
    credentials: {
      username: short(info, 'ipmi_username', info.username ?? '', 16),
      password: short(info, 'ipmi_password', info.password, 20),
      bmcKey: info.hexKgKey === null ? null : Buffer.from(info.hexKgKey, 'hex'),
      privilege: privileges[info.privilegeLevel],
    },
    suites: suites.length === 0 ? null : suites,
    bridge: info.bridging === null ? null : bridgeOf(info, info.bridging),
  }
}

/** IPMI's fields are short; what does not fit was never sent to any BMC. */
function short(info: IpmiInfo, key: string, value: string, most: number): Buffer {
  const bytes = Buffer.from(value)
  if (bytes.length <= most) return bytes
  const detail = `BMC ${bmcName(info)}: ${key} has more than the ${most} bytes IPMI allows`
  throw new IPMIFailure('session', detail)
}

function bridgeOf(info: IpmiInfo, bridging: IpmiBridging): Bridge {
  const byte = (key: string, value: string | null): number => {
    const number = Number(value)
    if (value !== null && value.trim() !== '' && number >= 0 && number <= 0xff) return number
    throw new IPMIFailure('session', `BMC ${bmcName(info)}: ${key} is no byte: ${value ?? ''}`)
  }
  const { transitChannel, transitAddress, localAddress } = bridging
  return {
    target: {
      channel: byte('ipmi_target_channel', bridging.targetChannel),
      address: byte('ipmi_target_address', bridging.targetAddress),
    },
    transit:
      bridging.type === 'single'
        ? null
        : {
            channel: byte('ipmi_transit_channel', transitChannel),
            address: byte('ipmi_transit_address', transitAddress),
          },
    localAddress: localAddress === null ? 0x20 : byte('ipmi_local_address', localAddress),
  }
}
