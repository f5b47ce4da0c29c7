import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { scriptFor } from './boot-files.js'
import { imageCache } from '../images/cache/cache.js'
import { kickstartOf } from './kickstart/kickstart.js'
import { machineByUuid } from './machines.js'
import { nodeDirectory } from './node-directory.js'
import type { Machine, NetbootContext } from './machines.js'
import { kickstartName, stage2Name } from './scripts/parameters.js'
import { loadsByIpxe } from './plan.js'
import type { BootPlan } from './plan.js'
import { siteAt } from './site.js'

/**
 * `[pxe] write_files`: boot files on disk in Ironic's layout, for operators who run their own TFTP or
 * HTTP server.
 */

const rootOf = ({ config }: NetbootContext, { loader }: BootPlan): string =>
  loader === 'pxe' ? config.pxe.tftp_root : config.deploy.http_root

const longestMs = 600_000

const dashed = (mac: string): string => mac.replaceAll(':', '-')

/** The names of the file of a MAC that boot programs request. */
const linksOf = (directory: string, mac: string): string[] => [
  join(directory, `01-${dashed(mac)}`),
  join(directory, dashed(mac)),
  `grub.cfg-01-${dashed(mac)}`,
  `${mac}.conf`,
]

/** Writes configuration, links, kernel and ramdisk of a node. Writes nothing when it has no plan. */
export async function writeFiles(
  ctx: NetbootContext,
  uuid: string,
  macs: readonly string[],
): Promise<void> {
  const machine = await machineByUuid(ctx, uuid)
  const plan = machine?.plan ?? null
  if (machine === null || plan === null) return
  const root = rootOf(ctx, plan)
  const site = siteAt(ctx.config, ctx.config.DEFAULT.my_ip ?? '127.0.0.1')
  const uefi = machine.driverInternalInfo?.['deploy_boot_mode'] !== 'bios'
  const kind = loadsByIpxe(plan) ? 'ipxe' : uefi ? 'grub' : 'pxelinux'
  const config = join(root, nodeDirectory(uuid), 'config')
  await mkdir(dirname(config), { recursive: true })
  const mode = ctx.config.pxe.file_permission
  await writeFile(config, await scriptFor(ctx, machine, site, kind), { mode })
  for (const mac of macs) {
    for (const link of linksOf(ctx.config.pxe.pxe_config_subdir, mac)) {
      await relink(join(root, link), config)
    }
  }
  await copyImages(ctx, plan.images, dirname(config))
  await writeInstaller(ctx, machine, plan)
}

/** The files that Anaconda loads by HTTP, however the machine was booted. */
async function writeInstaller(
  ctx: NetbootContext,
  machine: Machine,
  { kickstart, images }: BootPlan,
): Promise<void> {
  if (kickstart === undefined) return
  const directory = join(ctx.config.deploy.http_root, nodeDirectory(machine.uuid))
  const text = await kickstartOf(ctx, machine, kickstart, AbortSignal.timeout(longestMs))
  await mkdir(join(directory, dirname(stage2Name)), { recursive: true })
  const mode = ctx.config.pxe.file_permission
  if (text !== null) await writeFile(join(directory, kickstartName), text, { mode })
  const { stage2 } = images
  if (stage2 !== undefined) await copyImages(ctx, { [stage2Name]: stage2 }, directory)
}

async function relink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(relative(dirname(path), target), path)
}

async function copyImages(
  ctx: NetbootContext,
  images: BootPlan['images'],
  directory: string,
): Promise<void> {
  const signal = AbortSignal.timeout(longestMs)
  for (const [label, href] of Object.entries(images)) {
    const cached = await imageCache(ctx).fetch(href, { signal, inspect: false })
    try {
      await copyFile(cached.path, join(directory, label))
    } finally {
      await cached.release()
    }
  }
}

/** Removes the files of `writeFiles` from both root directories. */
export async function removeFiles(
  { config }: NetbootContext,
  uuid: string,
  macs: readonly string[],
): Promise<void> {
  for (const root of [config.pxe.tftp_root, config.deploy.http_root]) {
    await rm(join(root, nodeDirectory(uuid)), { recursive: true, force: true })
    const links = macs.flatMap((mac) => linksOf(config.pxe.pxe_config_subdir, mac))
    for (const link of links) await rm(join(root, link), { force: true })
  }
}
