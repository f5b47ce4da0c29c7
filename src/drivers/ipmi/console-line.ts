import type { AppContext } from '../../context.js'
import type { IpmiClient } from '../../protocols/ipmi/client.js'
import { deactivateSol, SolConsole } from '../../protocols/ipmi/sol.js'
import { bmcScheduler } from '../bmc/scheduler.js'
import type { IpmiInfo } from '../driver-info/ipmi.js'
import { newClient } from './clients.js'
import { bmcName } from './turn.js'

/** A machine's serial line while somebody is connected to it. */
export interface ConsoleLine {
  write(bytes: Buffer): void
  close(): Promise<void>
}

export interface LineHandlers {
  data(bytes: Buffer): void
  ended(error: Error): void
}

const openingMs = 30_000
const closingMs = 5_000
/** BMCs end sessions that are silent for a minute. */
const keepaliveMs = 25_000

/**
 * Opens the serial line by Serial over LAN, in a session of its own that is kept alive.
 * @throws the errors of `protocols/ipmi/errors.ts`
 */
export async function openLine(
  ctx: AppContext,
  info: IpmiInfo,
  handlers: LineHandlers,
  signal: AbortSignal,
): Promise<ConsoleLine> {
  const client = newClient(ctx, info)
  const until = (ms: number): number => ctx.clock.now().getTime() + ms
  const key = bmcName(info)
  const how = { priority: 'request' as const, signal, deadline: until(2 * openingMs) }
  try {
    const sol = await bmcScheduler(ctx).run(key, how, async (own) => {
      const limits = { deadline: until(openingMs), signal: own }
      const session = await client.hold(limits)
      return await SolConsole.open(session, client.within(limits), ctx.clock, handlers)
    })
    const stop = new AbortController()
    void keepAlive(ctx, client, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) handlers.ended(error as Error)
    })
    return {
      write: (bytes) => sol.write(bytes),
      close: async () => {
        stop.abort()
        sol.close()
        await endSol(client, until(closingMs))
      },
    }
  } catch (error) {
    await client.close()
    throw error
  }
}

/** The console ends with its session too, if the BMC does not hear this. */
async function endSol(client: IpmiClient, deadline: number): Promise<void> {
  try {
    await deactivateSol(client.within({ deadline }))
  } finally {
    await client.close()
  }
}

async function keepAlive(ctx: AppContext, client: IpmiClient, signal: AbortSignal): Promise<void> {
  for (;;) {
    await ctx.clock.sleep(keepaliveMs, signal)
    const limits = { deadline: ctx.clock.now().getTime() + keepaliveMs, signal }
    const session = await client.hold(limits)
    await session.request({ netFn: 0x06, command: 0x01, data: Buffer.alloc(0) }, limits)
  }
}
