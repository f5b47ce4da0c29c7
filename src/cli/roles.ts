import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { startApi, startHealth } from '../api/server.js'
import { registerProcess } from '../conductor/cluster/processes.js'
import { startConductor } from '../conductor/service.js'
import type { Config } from '../config/index.js'
import type { AppContext } from '../context.js'
import type { CommandInput } from './command.js'
import { lockDirectory, type DirectoryLock } from '../db/lock-file.js'
import { databaseHome } from '../db/url.js'
import { startBootService } from '../netboot/service.js'
import { openContext } from './context.js'
import type { OpenContext } from './context.js'
import { exitCodes } from './exit-codes.js'
import { reloadOnHangup } from './reload.js'
import { awaitEnding, inTime, onTerminal } from './signals.js'
import type { EndingCause } from './signals.js'

export type RoleName = 'api' | 'conductor' | 'boot'

/** A role that runs. */
interface Running {
  /** What the start-up message says about it. */
  readonly lines: readonly string[]
  close(deadlineMs: number): Promise<void>
}

/** What requests that are being answered get to finish. */
const apiDrainMs = 5_000
/** After an error that no code handled, work may hang: the shutdown is bounded in any case. */
const failedGraceMs = 60_000
/** The longest a timer of Node's runs, for a shutdown without a limit. */
const endlessMs = 2 ** 31 - 1
/** What is left for closing the queue and the database after the roles have stopped. */
const closingMs = 5_000

async function startConductorRole(ctx: AppContext): Promise<Running> {
  const service = await startConductor(ctx)
  const group = ctx.config.conductor.conductor_group
  const types = [...ctx.drivers.hardwareTypes.keys()].toSorted().join(', ')
  return {
    lines: [`Conductor  ${ctx.host}${group && ` of group ${group}`}: ${types}`],
    close: (deadlineMs) => service.close(deadlineMs),
  }
}

async function startBootRole(ctx: AppContext): Promise<Running> {
  const boot = await startBootService(ctx)
  return { lines: boot.lines, close: () => boot.close() }
}

async function startApiRole(ctx: AppContext): Promise<Running> {
  const api = await startApi(ctx)
  const client = `openstack --os-auth-type none --os-endpoint ${api.url}`
  const open = ctx.config.DEFAULT.auth_strategy === 'noauth'
  return {
    lines: [
      `API        ${api.url}`,
      ...(api.ramdiskUrl === undefined ? [] : [`Ramdisks   ${api.ramdiskUrl}`]),
      ...(open ? [`Try        ${client} baremetal node list`] : []),
    ],
    close: (deadlineMs) => api.close(Math.min(deadlineMs, apiDrainMs)),
  }
}

/** For supervisors of processes that have no API, or whose API they do not reach. */
async function startHealthRole(ctx: AppContext): Promise<Running> {
  const { health_host_ip: host, health_port: port } = ctx.config.ferric
  if (port === null) return { lines: [], close: () => Promise.resolve() }
  const health = await startHealth(ctx, host, port)
  const close = (deadlineMs: number) => health.close(Math.min(deadlineMs, apiDrainMs))
  return { lines: [`Health     ${health.url}/readyz, ${health.url}/metrics`], close }
}

/** An API without a conductor beside it holds reservations too, so it says that it lives. */
async function startLoneApiRole(ctx: AppContext): Promise<Running> {
  const registration = await registerProcess(ctx, ['api'])
  try {
    const running = await startApiRole(ctx)
    const close = async (deadlineMs: number) => {
      await running.close(deadlineMs)
      await registration.close()
    }
    return { ...running, close }
  } catch (error) {
    await registration.close()
    throw error
  }
}

function startersOf(roles: readonly RoleName[]): ((ctx: AppContext) => Promise<Running>)[] {
  const conducts = roles.includes('conductor')
  return [
    startHealthRole,
    ...(conducts ? [startConductorRole] : []),
    ...(roles.includes('boot') ? [startBootRole] : []),
    ...(roles.includes('api') ? [conducts ? startApiRole : startLoneApiRole] : []),
  ]
}

/**
 * Runs roles in this process until a signal or an error that no code handled ends it.
 * @returns the exit code; a shutdown that runs into its deadline ends the process instead
 */
export async function runRoles(input: CommandInput, roles: readonly RoleName[]): Promise<number> {
  const { loaded, log, terminal } = input
  const ending = awaitEnding(log.process, (signal) => {
    log.process.warn(
      { signal },
      'a second signal: the process ends without waiting for running work',
    )
    process.exit(exitCodes.failed)
  })
  const place = await reserveState(loaded.config, roles)
  const stopReloading = onTerminal() ? () => undefined : reloadOnHangup(input)
  try {
    const open = await openContext(loaded.config, log)
    const running = await startAll(open, startersOf(roles))
    terminal.out(banner(open.ctx, running))
    const cause = await ending.cause
    log.process.info({ signal: cause.name }, 'shutting down')
    const code = await stopAll(open, running, cause)
    return cause.failed ? exitCodes.failed : code
  } finally {
    stopReloading()
    ending.release()
    await place?.release()
  }
}

/** Two `ferric serve` on one embedded database would be two conductors of one name. */
async function reserveState(
  { database, DEFAULT }: Config,
  roles: readonly RoleName[],
): Promise<DirectoryLock | null> {
  const home = databaseHome(database.connection, DEFAULT.state_path)
  if (home.kind !== 'embedded' || !roles.includes('api') || !roles.includes('conductor'))
    return null
  await mkdir(dirname(home.directory), { recursive: true })
  return await lockDirectory(home.directory)
}

/** Starts the roles in order; when one fails, those before it are stopped again. */
async function startAll(
  open: OpenContext,
  starters: readonly ((ctx: AppContext) => Promise<Running>)[],
): Promise<Running[]> {
  const running: Running[] = []
  try {
    for (const start of starters) running.push(await start(open.ctx))
    return running
  } catch (error) {
    await stopAll(open, running)
    throw error
  }
}

/** How long running work may take to finish, in milliseconds; 0 in either option means no limit. */
function graceOf({ conductor, DEFAULT }: Config, cause?: EndingCause): number {
  const drains = cause?.name === 'SIGUSR2'
  const seconds = drains ? DEFAULT.drain_shutdown_timeout : conductor.graceful_shutdown_timeout
  const ms = seconds === 0 ? endlessMs - closingMs : seconds * 1000
  return cause?.failed === true ? Math.min(ms, failedGraceMs) : ms
}

/** Stops listening first and closes the homes last. */
async function stopAll(
  open: OpenContext,
  running: readonly Running[],
  cause?: EndingCause,
): Promise<number> {
  const graceMs = graceOf(open.ctx.config, cause)
  const stopping = async () => {
    for (const role of running.toReversed()) await role.close(graceMs)
    await open.close()
  }
  if (await inTime(stopping(), graceMs + closingMs)) return exitCodes.ok
  open.ctx.log.process.error('the shutdown ran into its deadline')
  // What still runs would keep the process alive.
  process.exit(exitCodes.failed)
}

function banner(ctx: AppContext, running: readonly Running[]): string {
  const lines = [
    ...running.toReversed().flatMap((role) => role.lines),
    `Database   ${ctx.db.description}`,
    `Queue      ${ctx.queue.description}`,
    `Auth       ${ctx.config.DEFAULT.auth_strategy}`,
  ]
  return `Ferric is ready.\n${lines.map((line) => `  ${line}\n`).join('')}`
}
