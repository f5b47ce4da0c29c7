import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { copyFile, constants, link, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageContext } from '../context.js'
import { glanceId, schemeOf } from '../href.js'

/** Where the cache keeps what; all of it on one file system, so that links and renames work. */
export interface CacheLayout {
  readonly root: string
  /** One hard link per use: an image with more than one link is never cleaned away. */
  readonly uses: string
  /** What is being fetched and converted: nobody else looks here. */
  readonly parts: string
  readonly locks: string
  /** Nothing stays in the root. */
  readonly disabled: boolean
}

export function layoutOf({ config }: ImageContext): CacheLayout {
  const configured = config.pxe.instance_master_path
  const root = configured === '' ? join(config.DEFAULT.state_path, 'images') : configured
  return {
    root,
    uses: join(root, '.uses'),
    parts: join(root, '.parts'),
    locks: join(root, '.locks'),
    disabled: configured === '',
  }
}

/** Makes the directories; they are nobody else's to read. */
export async function makeDirectories(layout: CacheLayout): Promise<void> {
  for (const dir of [layout.root, layout.uses, layout.parts, layout.locks]) {
    await mkdir(dir, { recursive: true, mode: 0o750 })
  }
}

/** RFC 4122's namespace of URLs. */
const urlNamespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')

/** Upstream's names: the id of an image of Glance, a UUID of version 5 of any other reference. */
export function masterName(href: string, raw: boolean): string {
  const name = schemeOf(href) === 'glance' ? safeName(glanceId(href)) : uuid5(href)
  return raw ? `${name}.converted` : name
}

const safeName = (id: string): string => (/^[0-9a-f-]{32,36}$/i.test(id) ? id : uuid5(id))

function uuid5(name: string): string {
  const hash = createHash('sha1').update(urlNamespace).update(name).digest().subarray(0, 16)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** When a process started, in the kernel's own ticks: pids come again. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/** A name that tells which process made it, for the sweep after a crash. */
export const ownName = (): string =>
  `${process.pid}.${startOf(process.pid) ?? 0}.${randomBytes(12).toString('hex')}`

/** Whether the process that made a name still runs. */
export function isOwned(name: string): boolean {
  const [pid, start] = name.split('.')
  const known = startOf(Number(pid))
  return known !== null && known === start
}

/** A second name for a file; a copy where the file system has no links. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  }
}
