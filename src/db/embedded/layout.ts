import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { barrier, type Account } from './account.js'

/** Where an embedded database keeps what. */
export interface Layout {
  /** `state_path/db`: Ferric's own directory. */
  readonly home: string
  /** What PostgreSQL's account owns: below `home`, or below /var/lib/ferric when it cannot reach `home`. */
  readonly base: string
  /** The data directory. */
  readonly data: string
  /** The directory of the server's socket; only its account and root may enter it. */
  readonly run: string
  /** A FIFO that every process with the database open holds open for writing. */
  readonly users: string
  /** The name of the watcher that may end the server. */
  readonly watcher: string
  /** What the server prints. */
  readonly log: string
  /** The password of the database role `ferric`, readable by Ferric's user alone. */
  readonly password: string
  /** The TCP port, where the socket's path would be too long. */
  readonly port: string
}

/** `sun_path` has 108 bytes on Linux and 104 on macOS, with a NUL at the end. */
const longestSocketPath = 103
const socketName = '.s.PGSQL.5432'

/**
 * Returns the paths of the embedded database in `home`.
 * @param home an absolute directory
 * @param account the one that the server runs under; null for Ferric's own
 */
export function layoutOf(home: string, account: Account | null): Layout {
  const base = barrier(account, home) === null ? home : elsewhere(home)
  return {
    home,
    base,
    data: join(base, 'data'),
    run: join(base, 'run'),
    users: join(base, 'users'),
    watcher: join(base, 'watcher'),
    log: join(base, 'server.log'),
    password: join(home, 'password'),
    port: join(home, 'port'),
  }
}

/** One directory per home, so that several checkouts below /root stay apart. */
const elsewhere = (home: string) =>
  join('/var/lib/ferric', createHash('sha256').update(home).digest('hex').slice(0, 12))

/** The server's Unix socket. */
export const socketPath = ({ run }: Layout): string => join(run, socketName)

/** Whether a Unix socket fits; otherwise the server listens on loopback. */
export const hasSocket = (layout: Layout): boolean =>
  Buffer.byteLength(socketPath(layout)) <= longestSocketPath
