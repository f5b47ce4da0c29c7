/** The disc a node boots from: given, or built for it and put up for its BMC. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { imageCache } from '../../images/cache/cache.js'
import { writeBootIso, type Bios, type Uefi } from '../../images/iso/boot-iso.js'
import { pythonStr } from '../../python/repr.js'
import { bootMode } from '../driver-info/boot-mode.js'
import { isTruthy } from '../driver-info/fields.js'
import type { Task } from '../interfaces.js'
import { isKernelCommandLine } from './network/kernel-parameters.js'

export interface DiscParts {
  readonly kernel: string
  readonly ramdisk: string
  readonly parameters: JsonObject
}

/**
 * Builds a disc and puts it up under a name nobody can guess: the agent's token is on it.
 * @returns the URL of it
 * @throws MissingParameterValue, InvalidParameterValue, ImageCreationFailed, what the cache throws
 */
export async function publishBootIso(task: Task, parts: DiscParts): Promise<string> {
  const { config } = task.ctx
  const base = config.deploy.external_http_url ?? config.deploy.http_url
  if (!base) {
    throw new MissingParameterValue(
      'Virtual media needs [deploy] http_url or external_http_url, where BMCs find the image.',
    )
  }
  const publisher = randomUUID()
  const parameters = lineOf(task, { ...parts.parameters, ir_pub_id: publisher })
  await removeBootIsos(task)
  await mkdir(discs(task), { recursive: true })
  const name = `boot-${task.node.uuid}-${randomUUID()}.iso`
  await build(task, parts, join(discs(task), name), { parameters, publisher })
  return `${base.replace(/\/+$/, '')}/redfish/${name}`
}

const discs = ({ ctx }: Task): string => join(ctx.config.deploy.http_root, 'redfish')

/** Takes away what was put up for a node. */
export async function removeBootIsos(task: Task): Promise<void> {
  const names = await readdir(discs(task)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter((one) => one.startsWith(`boot-${task.node.uuid}-`))) {
    await rm(join(discs(task), basename(name)), { force: true })
  }
}

function lineOf({ ctx }: Task, parameters: JsonObject): string {
  const told = Object.entries(parameters).map(([key, value]) =>
    value === null || value === undefined ? key : `${key}=${pythonStr(value)}`,
  )
  const line = [ctx.config.redfish.kernel_append_params, ...told].join(' ').trim()
  if (isKernelCommandLine(line)) return line
  throw new InvalidParameterValue('The parameters of the ramdisk are no kernel command line.')
}

async function build(
  task: Task,
  { kernel, ramdisk }: DiscParts,
  path: string,
  how: { parameters: string; publisher: string },
): Promise<void> {
  const { signal } = task
  const held = new DisposableImages(task)
  try {
    const firmware = await firmwareOf(task, held)
    const files = { kernel: await held.path(kernel), ramdisk: await held.path(ramdisk) }
    await writeBootIso(path, { ...files, ...how, firmware }, signal)
  } catch (error) {
    await rm(path, { force: true })
    throw error
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
