/** Which PostgreSQL runs the embedded database. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Account } from './account.js'
import type { Layout } from './layout.js'
import { packagedBinaries } from './package.js'

/** Before 14 a backup could be damaged by a crash, and JSON functions that Ferric uses are missing. */
const oldestMajor = 14
const versionTimeoutMs = 10_000

export interface Binaries {
  /** The directory with `initdb` and `postgres`. */
  readonly directory: string
  readonly major: number
}

/**
 * Finds PostgreSQL: the npm package first, then the newest in PATH and in Debian's directories.
 * @throws Error that says what to install or to configure
 */
export async function findBinaries(layout: Layout, account: Account | null): Promise<Binaries> {
  const packaged = await packagedBinaries(layout.base, account)
  if (packaged !== null) return { directory: packaged, major: await majorOf(packaged) }
  const installed = await installedBinaries()
  const newest = installed.toSorted((a, b) => b.major - a.major)[0]
  if (newest !== undefined && newest.major >= oldestMajor) return newest
  throw new Error(
    `There is no PostgreSQL for the embedded database: npm has none for ${process.platform} ${process.arch}, ` +
      `and none of version ${oldestMajor} or newer is installed. Install one, or name a server in ironic.conf:\n` +
      '  [database]\n  connection = postgresql://user:password@host/ferric',
  )
}

/** Returns the installed PostgreSQL of exactly this major version, or null. */
export async function binariesOfMajor(major: number): Promise<Binaries | null> {
  return (await installedBinaries()).find((one) => one.major === major) ?? null
}

async function installedBinaries(): Promise<Binaries[]> {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const directories = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry.startsWith('/')),
  ].filter((entry) => existsSync(join(entry, 'postgres')) && existsSync(join(entry, 'initdb')))
  return await Promise.all(
    directories.map(async (directory) => ({ directory, major: await majorOf(directory) })),
  )
}

/** `postgres (PostgreSQL) 18.4`. */
async function majorOf(directory: string): Promise<number> {
  const { stdout } = await promisify(execFile)(join(directory, 'postgres'), ['--version'], {
    timeout: versionTimeoutMs,
  })
  return Number(/ (\d+)/.exec(stdout)?.[1] ?? 0)
}
