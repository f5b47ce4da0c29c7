import { systemClock, type Clock } from '../../../src/clock.js'
import { IpmiClient, type Keep } from '../../../src/protocols/ipmi/client.js'
import type { Requester } from '../../../src/protocols/ipmi/requester.js'
import { connectUdp } from '../../../src/protocols/ipmi/socket.js'
import type { Bridge } from '../../../src/protocols/ipmi/session/bridge.js'

export interface ClientParts {
  readonly user?: string
  readonly password?: string
  readonly suites?: readonly number[] | null
  readonly privilege?: number
  readonly bridge?: Bridge
  readonly address?: string
  readonly bmcKey?: Buffer
  readonly idle?: number
  readonly keep?: Keep
  readonly clock?: Clock
}

/** A client as drivers have it, with less patience where the test has less. */
export function clientTo(port: number, parts: ClientParts = {}, firstTry = 1000): IpmiClient {
  return new IpmiClient(
    {
      credentials: {
        username: Buffer.from(parts.user ?? 'admin'),
        password: Buffer.from(parts.password ?? 'secret'),
        bmcKey: parts.bmcKey ?? null,
        privilege: parts.privilege ?? 4,
      },
      suites: parts.suites ?? null,
      bridge: parts.bridge ?? null,
    },
    {
      clock: parts.clock ?? systemClock,
      connect: () => connectUdp(parts.address ?? '127.0.0.1', port),
      timing: { firstTry, longestTry: 4 * firstTry },
      idle: parts.idle ?? 60_000,
      busyPause: 50,
      ...(parts.keep === undefined ? {} : { keep: parts.keep }),
    },
  )
}

/** Does something with a BMC and gives the session back. */
export async function withClient<T>(
  client: IpmiClient,
  use: (bmc: Requester) => Promise<T>,
  ms = 20_000,
): Promise<T> {
  try {
    return await use(client.within({ deadline: Date.now() + ms }))
  } finally {
    await client.close()
  }
}

/** The error of some work, and the milliseconds until it came. */
export async function failure(work: () => Promise<unknown>): Promise<{ name: string; ms: number }> {
  const begin = performance.now()
  try {
    await work()
  } catch (error) {
    return { name: (error as Error).name, ms: performance.now() - begin }
  }
  return { name: 'no error', ms: performance.now() - begin }
}
