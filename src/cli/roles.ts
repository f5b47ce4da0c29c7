import { startApi } from '../api/server.js'
import type { AppContext } from '../context.js'
import type { CommandInput } from './command.js'
import { openContext } from './context.js'
import type { OpenContext } from './context.js'
import { exitCodes } from './exit-codes.js'
import { registerProcess } from '../conductor/processes.js'
import { startConductor } from '../conductor/service.js'
import { awaitEnding, inTime } from './signals.js'

export type RoleName = 'api' | 'conductor'

/** A role that runs. */
interface Running {
  /** What the start-up message says about it. */
  readonly lines: readonly string[]
  close(deadlineMs: number): Promise<void>
}

/** What requests that are being answered get to finish. */
const apiDrainMs = 5_000
/** What is left for closing the queue and the database after the roles have stopped. */
const closingMs = 5_000

function startRole(role: RoleName, ctx: AppContext): Promise<Running> {
  return role === 'api' ? startApiRole(ctx) : startConductorRole(ctx)
}

async function startConductorRole(ctx: AppContext): Promise<Running> {
  const conductor = await startConductor(ctx)
  const drivers = [...ctx.drivers.hardwareTypes.keys()].toSorted().join(', ')
  return {
    lines: [`Conductor  ${ctx.host}: ${drivers}`],
    close: (deadlineMs) => conductor.close(deadlineMs),
  }
}

/** Its row says that the locks of requests under way have a live holder. */
async function startApiRole(ctx: AppContext): Promise<Running> {
  const process = await registerProcess(ctx, ['api'])
  const api = await startApi(ctx)
  return {
    lines: [
      `API        ${api.url}`,
      `Try        openstack --os-auth-type none --os-endpoint ${api.url} baremetal driver list`,
    ],
    async close(deadlineMs) {
      await api.close(Math.min(deadlineMs, apiDrainMs))
      await process.close()
    },
  }
}

/**
 * Runs roles in this process until it is asked to end.
 * @returns the exit code: failed when the deadline cut the shutdown short
 */
export async function runRoles(
  { loaded, log, terminal }: CommandInput,
  roles: readonly RoleName[],
): Promise<number> {
  const ending = awaitEnding((signal) => {
    log.warn({ signal }, 'asked to end a second time: not waiting for running work')
    process.exit(exitCodes.failed)
  })
  try {
    const open = await openContext(loaded.config, log)
    const running = await startAll(open, roles)
    terminal.out(banner(open.ctx, running))
    log.info({ signal: await ending.asked }, 'shutting down')
    return await stopAll(open, running)
  } finally {
    ending.release()
  }
}

/** Starts the roles in order, stops them in reverse; when one fails, those before it stop again. */
async function startAll(open: OpenContext, roles: readonly RoleName[]): Promise<Running[]> {
  const running: Running[] = []
  try {
    for (const role of roles) running.push(await startRole(role, open.ctx))
    return running
  } catch (error) {
    await stopAll(open, running)
    throw error
  }
}

/** Stops listening first and closes the homes last. */
async function stopAll(open: OpenContext, running: readonly Running[]): Promise<number> {
  const seconds = open.ctx.config.conductor.graceful_shutdown_timeout
  const graceMs = seconds === 0 ? Infinity : seconds * 1000
  const stopping = async () => {
    for (const role of running.toReversed()) await role.close(graceMs)
    await open.close()
  }
  if (await inTime(stopping(), graceMs + closingMs)) return exitCodes.ok
  open.ctx.log.error('the shutdown ran into its deadline')
  return exitCodes.failed
}

function banner(ctx: AppContext, running: readonly Running[]): string {
  const lines = [
    ...running.flatMap((role) => role.lines),
    `Database   ${ctx.db.description}`,
    `Queue      ${ctx.queue.description}`,
    `Auth       ${ctx.config.DEFAULT.auth_strategy}`,
  ]
  return `Ferric is ready.\n${lines.map((line) => `  ${line}\n`).join('')}`
}
