// A disk whose power can be cut: an ext4 file system on a loop device that writes past the page cache. Its image lies
// on XFS, which copies a file at one moment. A copy holds what had reached the device and nothing that was in memory.
import { execFile } from 'node:child_process'
import { constants, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from './peers/until.js'

const run = async (file: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(file, args, { timeout: 60_000 })).stdout.trim()

/** Creates a sparse file. */
function sparse(path: string, megabytes: number): void {
  writeFileSync(path, '')
  truncateSync(path, megabytes * 2 ** 20)
}

/** A loop device lets go of its image a moment after it was detached. */
const unmount = (path: string): Promise<true> =>
  until(
    () =>
      run('umount', path).then(
        () => true as const,
        () => undefined,
      ),
    {
      what: `end of the use of ${path}`,
      timeoutMs: 20_000,
      everyMs: 100,
    },
  )

/** A mounted file system, unmounted when disposed of. */
export interface Mounted extends AsyncDisposable {
  readonly path: string
}

async function mounted(
  source: string,
  path: string,
  after: () => Promise<unknown>,
): Promise<Mounted> {
  mkdirSync(path, { recursive: true, mode: 0o755 })
  await run('mount', source, path)
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await unmount(path)
      await after()
    },
  }
}

async function mountImage(image: string, path: string, loopOptions: string[]): Promise<Mounted> {
  const device = await run('losetup', '--find', '--show', ...loopOptions, image)
  const detach = () => run('losetup', '--detach', device)
  try {
    return await mounted(device, path, detach)
  } catch (error) {
    await detach()
    throw error
  }
}

const ext4 = ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0']

export class Disk implements AsyncDisposable {
  readonly #parent: string
  readonly #store: Mounted
  readonly #live: Mounted
  #copies = 0

  private constructor(parent: string, store: Mounted, live: Mounted) {
    this.#parent = parent
    this.#store = store
    this.#live = live
  }

  /**
   * Creates the disk; needs root.
   * @param megabytes of the file system, of which ext4 takes some for itself
   */
  static async create(megabytes: number): Promise<Disk> {
    const parent = mkdtempSync(join(tmpdir(), 'ferric-disk-'))
    const outer = join(parent, 'store.img')
    sparse(outer, 8 * megabytes)
    await run('mkfs.xfs', '-q', outer)
    const store = await mountImage(outer, join(parent, 'store'), [])
    const image = join(store.path, 'disk.img')
    sparse(image, megabytes)
    await run('mkfs.ext4', ...ext4, image)
    await run('sync', image)
    const live = await mountImage(image, join(parent, 'disk'), ['--direct-io=on'])
    await run('chmod', '755', parent, store.path, live.path)
    return new Disk(parent, store, live)
  }

  /** Where the live file system is mounted. */
  get path(): string {
    return this.#live.path
  }

  /** Cuts the power of a copy: returns the image of what the device holds at this moment. */
  async cut(): Promise<string> {
    const copy = join(this.#store.path, `copy-${this.#copies++}.img`)
    await copyFile(join(this.#store.path, 'disk.img'), copy, constants.COPYFILE_FICLONE_FORCE)
    return copy
  }

  /** Mounts an image that `cut` has returned; ext4 replays its journal. */
  async powerUp(image: string): Promise<Mounted> {
    return await mountImage(image, join(this.#parent, 'again'), [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#live[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
    rmSync(this.#parent, { recursive: true, force: true })
  }
}
