/**
 * PostgreSQL refuses to run as root. When Ferric is root, its server runs under an unprivileged account that owns
 * the data directory (docs/operations.md, "The embedded database").
 */
import { readFileSync, statSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** What every Linux and BSD system calls `nobody`, for images without an /etc/passwd. */
const unprivileged: Account = { name: 'nobody', uid: 65534, gid: 65534 }

/**
 * Returns the account that the server runs under, or null when that is Ferric's own.
 * @param name `[ferric] postgres_user`
 * @throws Error when /etc/passwd has no such account
 */
export function serverAccount(name: string): Account | null {
  if (process.getuid?.() !== 0) return null
  const account = accountNamed(name) ?? (name === unprivileged.name ? unprivileged : null)
  if (account !== null && account.uid !== 0) return account
  throw new Error(
    account === null
      ? `[ferric] postgres_user: /etc/passwd has no account named ${name}`
      : `[ferric] postgres_user: PostgreSQL refuses to run as ${name}, whose user id is 0`,
  )
}

function accountNamed(name: string): Account | null {
  const line = passwd()
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? null : { name, uid: +uid, gid: +gid }
}

function passwd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Gives a file to the account; does nothing when the server runs under Ferric's own. */
export async function giveTo(account: Account | null, path: string): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid)
}

/**
 * Returns the first of a path's directories that the account may not search, or null when it can reach the path.
 * @param path an absolute path; a part that does not exist yet counts as reachable
 */
export function barrier(account: Account | null, path: string): string | null {
  if (account === null) return null
  for (let at = path; ; at = dirname(at)) {
    const entry = statSync(at, { throwIfNoEntry: false })
    if (entry?.isDirectory() && !maySearch(account, entry)) return at
    if (at === dirname(at)) return null
  }
}

function maySearch(account: Account, entry: { mode: number; uid: number; gid: number }): boolean {
  if (entry.uid === account.uid) return (entry.mode & 0o100) !== 0
  return (entry.mode & (entry.gid === account.gid ? 0o010 : 0o001)) !== 0
}
