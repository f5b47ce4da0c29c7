/** Discs that are built for a node out of a kernel and a ramdisk. */
import { randomUUID } from 'node:crypto'
import { MissingParameterValue } from '../../../errors.js'
import { imageCache } from '../../../images/cache/cache.js'
import { writeBootIso, type Bios, type Uefi } from '../../../images/iso/boot-iso.js'
import type { FileEntry } from '../../../images/iso9660/tree.js'
import { pythonStr } from '../../../python/repr.js'
import { bootMode } from '../../driver-info/boot-mode.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'
import { publishFile, unpublish, type Transport } from './publish.js'

export interface DiscParts {
  readonly kernel: string
  readonly ramdisk: string
  /** The kernel's command line. */
  readonly line: string
  /** By which the ramdisk recognizes its own disc; absent for a ramdisk that is the instance. */
  readonly publisher?: string
  /** Further files on the disc. */
  readonly files?: readonly FileEntry[]
}

const prefixOf = ({ node }: Task): string => `boot-${node.uuid}-`

/** A name that cannot be guessed, because the agent's token is on the disc. */
export const discName = (task: Task): string => `${prefixOf(task)}${randomUUID()}.iso`

/** Removes the discs that were published for a node. */
export const removeBootIsos = (task: Task): Promise<void> => unpublish(task, prefixOf(task))

/**
 * Builds and publishes a disc; earlier ones of the node are removed.
 * @returns its URL for the BMC
 * @throws MissingParameterValue, InvalidParameterValue, ImageCreationFailed, what the cache throws
 */
export async function publishBootIso(
  task: Task,
  parts: DiscParts,
  transport: Transport = 'HTTP',
): Promise<string> {
  await removeBootIsos(task)
  return await publishFile(task, discName(task), (path) => build(task, parts, path), transport)
}

async function build(task: Task, parts: DiscParts, path: string): Promise<void> {
  const { line, publisher = '', files = [] } = parts
  const held = new DisposableImages(task)
  try {
    const firmware = await firmwareOf(task, held)
    const images = {
      kernel: await held.path(parts.kernel),
      ramdisk: await held.path(parts.ramdisk),
    }
    const iso = { ...images, parameters: line, publisher, files, firmware }
    await writeBootIso(path, iso, task.signal)
  } finally {
    await held.release()
  }
}

/** Images of the cache, held while a disc is made of them. */
class DisposableImages {
  readonly #task: Task
  readonly #releases: (() => Promise<void>)[] = []
  constructor(task: Task) {
    this.#task = task
  }
  async path(href: string): Promise<string> {
    const { ctx, signal } = this.#task
    const image = await imageCache(ctx).fetch(href, { signal, inspect: false })
    this.#releases.push(() => image.release())
    return image.path
  }
  async release(): Promise<void> {
    for (const release of this.#releases.splice(0)) await release()
  }
}

async function firmwareOf(task: Task, held: DisposableImages): Promise<Bios | Uefi> {
  const { DEFAULT, conductor } = task.ctx.config
  if (bootMode(task) !== 'uefi') {
    return { mode: 'bios', isolinux: DEFAULT.isolinux_bin, ldlinux: DEFAULT.ldlinux_c32 }
  }
  const arch = pythonStr(task.node.properties?.['cpu_arch'] ?? '')
  const own = task.node.driverInfo?.['bootloader']
  const href = isTruthy(own)
    ? pythonStr(own)
    : (conductor.bootloader_by_arch[arch] ?? conductor.bootloader)
  const esp = href ? await held.path(href) : DEFAULT.esp_image
  if (esp) return { mode: 'uefi', esp, grubConfig: DEFAULT.grub_config_path }
  throw new MissingParameterValue(
    `A disc for UEFI needs a boot loader: driver_info bootloader of node ${task.node.uuid}, [conductor] bootloader or [DEFAULT] esp_image.`,
  )
}
