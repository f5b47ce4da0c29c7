import { errorText } from '../../../error-text.js'
import type { ProcessContext } from '../../../process-context.js'
import { service } from '../../../services.js'
import { bmcScheduler } from '../../bmc/scheduler.js'
import { ServerError, Unavailable } from '../../../errors.js'
import type { IpmiInfo } from '../driver-info.js'
import { parseIpmiInfo } from '../driver-info.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'
import type { ConsoleServer, ConsoleWhere } from './server.js'

/** The consoles this process serves, by node. They stay enabled, and a restarted process starts them again. */
const consoleServers = service({
  name: 'consoles',
  create: (ctx: ProcessContext) => {
    bmcScheduler(ctx)
    return new Map<string, ConsoleServer>()
  },
  close: async (servers) => {
    await Promise.all([...servers.values()].map((server) => server.close()))
    servers.clear()
  },
})

/** The port cannot be opened (upstream's class of that name). */
export class ConsoleError extends ServerError {
  override readonly name = 'ConsoleError'
}
/** Every port of the range is taken. */
export class NoFreeIPMITerminalPorts extends Unavailable {
  override readonly name = 'NoFreeIPMITerminalPorts'
  constructor(host: string) {
    super(
      `Unable to allocate a free port on host ${host} for IPMI terminal, not enough free ports.`,
    )
  }
}

export type OpenConsole<S extends ConsoleServer> = (
  ctx: ProcessContext,
  info: IpmiInfo,
  where: ConsoleWhere,
) => Promise<S>

const allocatedKey = 'allocated_ipmi_terminal_port'
const hostKey = 'ferric_console_host'

const hostOf = ({ config }: ProcessContext): string =>
  config.console.socat_address ?? config.DEFAULT.my_ip ?? '127.0.0.1'

/**
 * Opens a node's console on the port its data name, or on a free one of `[console] port_range`:
 * the one it had before, where that is still free, so that clients find it again.
 * @throws NoFreeIPMITerminalPorts, ConsoleError
 */
export async function startServing<S extends ConsoleServer>(
  task: Task,
  open: OpenConsole<S>,
): Promise<S> {
  const before = infoOf(task.node)[allocatedKey]
  await stopServing(task)
  const info = parseIpmiInfo(task.node)
  const host = hostOf(task.ctx)
  const server =
    info.terminalPort === null
      ? await openFree(task, info, { host, before }, open)
      : await openAt(task, info, { host, port: info.terminalPort }, open)
  setInfo(task.node, { [hostKey]: host })
  consoleServers(task.ctx).set(task.node.uuid, server)
  await task.save()
  return server
}

async function openAt<S extends ConsoleServer>(
  task: Task,
  info: IpmiInfo,
  where: ConsoleWhere,
  open: OpenConsole<S>,
): Promise<S> {
  try {
    return await open(task.ctx, info, where)
  } catch (error) {
    const why = errorText(error)
    throw new ConsoleError(
      `The console cannot listen on ${where.host}:${where.port}: ${why}`,
      error,
    )
  }
}

async function openFree<S extends ConsoleServer>(
  task: Task,
  info: IpmiInfo,
  { host, before }: { host: string; before: unknown },
  open: OpenConsole<S>,
): Promise<S> {
  const ports = [...portsOf(task.ctx.config.console.port_range)]
  const first = ports.filter((port) => port === before)
  for (const port of new Set([...first, ...ports])) {
    try {
      const server = await open(task.ctx, info, { host, port })
      setInfo(task.node, { [allocatedKey]: port })
      return server
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
        throw new ConsoleError(`The console cannot listen on ${host}:${port}`, error)
      }
    }
  }
  throw new NoFreeIPMITerminalPorts(host)
}

/** `10000:10010,20000:20005`: the last of each is not used, as upstream reads it. */
function* portsOf(ranges: string | null): Generator<number> {
  for (const range of (ranges ?? '').split(',')) {
    const [first = Number.NaN, last = Number.NaN] = range.split(':').map(Number)
    for (let port = first; port < last; port += 1) yield port
  }
}

/** Closes a node's console here and gives its port back. */
export async function stopServing(task: Task): Promise<void> {
  const servers = consoleServers(task.ctx)
  await servers.get(task.node.uuid)?.close()
  servers.delete(task.node.uuid)
  if (infoOf(task.node)[allocatedKey] === undefined) return
  dropInfo(task.node, [allocatedKey, hostKey])
  await task.save()
}

/** Host and port clients connect to, as they stand with the node. */
export function consoleAddress(task: Task): string {
  const stored = infoOf(task.node)[hostKey]
  const host = typeof stored === 'string' ? stored : hostOf(task.ctx)
  const { terminalPort } = parseIpmiInfo(task.node)
  return `${host.includes(':') ? `[${host}]` : host}:${terminalPort ?? ''}`
}
