/** The data directory: creating it so that a power cut leaves all of it or nothing, and refusing foreign ones. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { giveTo, type Account } from './account.js'
import type { Binaries } from './binaries.js'
import { hasSocket, type Layout } from './layout.js'

/** The database role that owns everything. */
export const databaseRole = 'ferric'
const initTimeoutMs = 300_000

async function textOf(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Returns the major version that wrote the data directory, or null before the first start. */
export async function clusterMajor({ data }: Layout): Promise<number | null> {
  const text = await textOf(join(data, 'PG_VERSION'))
  return text === null ? null : Number(text)
}

/** Whether the home holds the database of Ferric 0.1, which was PGlite: it kept its files in the home itself. */
export const holdsPglite = async ({ home }: Layout): Promise<boolean> =>
  (await textOf(join(home, 'PG_VERSION'))) !== null

/** Makes the directories around the data. */
export async function prepareHome(layout: Layout, account: Account | null): Promise<void> {
  await mkdir(layout.home, { recursive: true, mode: 0o755 })
  await mkdir(layout.base, { recursive: true, mode: 0o755 })
  await mkdir(layout.run, { recursive: true, mode: 0o700 })
  await chmod(layout.run, 0o700)
  await giveTo(account, layout.run)
}

/** Returns the password of the role `ferric`, which is made up on the first call. */
export async function rolePassword(layout: Layout): Promise<string> {
  const existing = await textOf(layout.password)
  if (existing) return existing
  const password = randomBytes(24).toString('base64url')
  await writeDurably(layout.password, password)
  return password
}

/** Returns the port of a server that listens on loopback; 5432 names the socket otherwise. */
export async function serverPort(layout: Layout): Promise<number> {
  if (hasSocket(layout)) return 5432
  const existing = await textOf(layout.port)
  if (existing) return Number(existing)
  const port = await freePort()
  await writeDurably(layout.port, String(port))
  return port
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  {
    await using file = await open(draft, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(draft, path)
  await syncDirectory(join(path, '..'))
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}

/**
 * Creates the data directory, with checksums. `initdb` works beside it, and one rename puts it in place.
 * @throws Error with what `initdb` printed
 */
export async function createCluster(
  layout: Layout,
  binaries: Binaries,
  account: Account | null,
  password: string,
): Promise<void> {
  const draft = `${layout.data}.new`
  const passwordFile = join(layout.run, 'password')
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await giveTo(account, draft)
  await writeFile(passwordFile, password, { mode: 0o600 })
  await giveTo(account, passwordFile)
  try {
    await initdb(binaries, draft, passwordFile, account)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(draft, layout.data)
  await syncDirectory(layout.base)
}

async function initdb(
  { directory }: Binaries,
  data: string,
  passwordFile: string,
  account: Account | null,
): Promise<void> {
  const settings = ['--encoding=UTF8', '--locale=C', '--data-checksums', '--no-instructions']
  const access = ['--username', databaseRole, '--pwfile', passwordFile, '--auth=scram-sha-256']
  try {
    await promisify(execFile)(join(directory, 'initdb'), ['-D', data, ...settings, ...access], {
      timeout: initTimeoutMs,
      cwd: join(data, '..'),
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    })
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string }
    const text = `${stdout}\n${stderr}`.trim().split('\n').slice(-6).join('\n')
    throw new Error(`initdb could not create ${data}:\n${text}`, { cause: error })
  }
}
