/** How the embedded server is configured, all on its command line (docs/operations.md has the reasons for operators). */
import { hasSocket, type Layout } from './layout.js'
import { logMegabytes } from './log-space.js'

/** Every acknowledged write survives a power cut. PostgreSQL's own defaults, spelled out so that no file overrides them. */
const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }

/** For a machine that runs other things too: the system's page cache does most of the caching. */
const small = {
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_connections: '100',
  max_wal_size: `${logMegabytes}MB`,
  min_wal_size: `${logMegabytes}MB`,
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  huge_pages: 'off',
}

/** Nothing copies this server's log, which may therefore be short and needs no processes of its own. */
const alone = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
}

/** Errors of statements reach Ferric, which logs them without their parameters; this log must not hold those. */
const quiet = {
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  logging_collector: 'off',
  log_destination: 'stderr',
}

/** Since version 18 reads go through worker processes by default, which cost memory here and gain nothing. */
const ofMajor = (major: number) => (major >= 18 ? { io_method: 'sync' } : {})

const listening = (layout: Layout, port: number) =>
  hasSocket(layout)
    ? { listen_addresses: '', unix_socket_directories: layout.run, unix_socket_permissions: '0700' }
    : { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port) }

/**
 * Returns the arguments of `postgres`.
 * @param overrides settings of a test's throw-away server
 */
export function serverArguments(
  layout: Layout,
  options: { major: number; port: number; overrides?: Readonly<Record<string, string>> },
): string[] {
  const settings = {
    ...small,
    ...alone,
    ...quiet,
    ...ofMajor(options.major),
    ...durable,
    ...listening(layout, options.port),
    ...options.overrides,
  }
  return ['-D', layout.data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])]
}
