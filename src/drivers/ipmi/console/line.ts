import type { ProcessContext } from '../../../process-context.js'
import type { IpmiClient } from '../../../protocols/ipmi/client.js'
import type { Session } from '../../../protocols/ipmi/session/session.js'
import type { Limits } from '../../../protocols/ipmi/session/wire.js'
import { deactivateSol, SolConsole } from '../../../protocols/ipmi/sol.js'
import { bmcScheduler } from '../../bmc/scheduler.js'
import type { IpmiInfo } from '../driver-info.js'
import { newClient } from '../clients.js'
import { bmcName } from '../turn.js'

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
 * Opens the serial line by Serial over LAN, in a session of its own that is kept alive. What the
 * BMC is told takes its turn with all other work on it; characters do not.
 * @throws the errors of `protocols/ipmi/errors.ts`
 */
export async function openLine(
  ctx: ProcessContext,
  info: IpmiInfo,
  handlers: LineHandlers,
  signal: AbortSignal,
): Promise<ConsoleLine> {
  const client = newClient(ctx, info)
  const inTurn = <T>(ms: number, work: (limits: Limits) => Promise<T>, stop?: AbortSignal) =>
    turnAt(ctx, info, client, ms, work, stop)
  try {
    const { session, sol } = await inTurn(
      openingMs,
      async (limits) => {
        const held = await client.hold(limits)
        const requester = client.within(limits)
        return {
          session: held,
          sol: await SolConsole.open(held, requester, ctx.clock, handlers),
        }
      },
      signal,
    )
    const stop = new AbortController()
    keepAlive(ctx, session, inTurn, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) handlers.ended(error as Error)
    })
    return {
      write: (bytes) => sol.write(bytes),
      close: async () => {
        stop.abort()
        sol.close()
        await endSol(client, inTurn)
      },
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

type InTurn = <T>(
  ms: number,
  work: (limits: Limits) => Promise<T>,
  stop?: AbortSignal,
) => Promise<T>

/** @param ms for the work; as much again for waiting until it is the BMC's turn */
async function turnAt<T>(
  ctx: ProcessContext,
  info: IpmiInfo,
  client: IpmiClient,
  ms: number,
  work: (limits: Limits) => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  const until = (span: number): number => ctx.clock.now().getTime() + span
  const minInterval = ctx.config.ipmi.min_command_interval * 1000
  const how = {
    priority: 'request' as const,
    session: client,
    minInterval,
    deadline: until(2 * ms + minInterval),
    ...(stop === undefined ? {} : { signal: stop }),
  }
  return await bmcScheduler(ctx).run(bmcName(info), how, (signal) =>
    work({ deadline: until(ms), signal }),
  )
}

/** The console ends with its session too, if the BMC does not hear this. */
async function endSol(client: IpmiClient, inTurn: InTurn): Promise<void> {
  try {
    await inTurn(closingMs, (limits) => deactivateSol(client.within(limits)))
  } finally {
    await client.end()
  }
}

/** @throws when the session is lost, and the console with it */
async function keepAlive(
  ctx: ProcessContext,
  session: Session,
  inTurn: InTurn,
  signal: AbortSignal,
): Promise<void> {
  const getDeviceId = { netFn: 0x06, command: 0x01, data: Buffer.alloc(0) }
  for (;;) {
    await ctx.clock.sleep(keepaliveMs, signal)
    await inTurn(keepaliveMs, (limits) => session.request(getDeviceId, limits), signal)
  }
}
