import { holdImage } from './images.js'
import { openLoader } from './loaders.js'
import { machineByMac, machineByUuid } from './machines.js'
import { uuidOfDirectory } from './node-directory.js'
import type { Machine, NetbootContext } from './machines.js'
import { bootsNetwork, loadsByIpxe } from './plan.js'
import type { BootPlan } from './plan.js'
import { openBelow, openRegular } from './safe-file.js'
import type { OpenFile } from './safe-file.js'
import { grubConfig, grubStart, localGrub } from './scripts/grub.js'
import { bootDisk, chainScript, ipxeScript } from './scripts/ipxe.js'
import { kickstartOf } from './kickstart/kickstart.js'
import { kickstartName, stage2Name } from './scripts/parameters.js'
import { localPxelinux, pxelinuxConfig } from './scripts/pxelinux.js'
import type { Site } from './site.js'
import { bootVolume } from './volumes.js'

/** Resolves the names of boot files. TFTP and HTTP serve the same ones. */

/** A file that is read from disk. `release` closes it. */
export interface FileAnswer extends OpenFile {
  release(): Promise<void>
}
export interface BootFile {
  readonly content: Buffer | FileAnswer
  /** The machine that the file was made for; null for a file that is the same for all. */
  readonly machine: Machine | null
}

export interface BootFileRequest {
  /** As received: with or without a leading slash or the name of the root directory. */
  readonly path: string
  readonly site: Site
  readonly signal: AbortSignal
}

const hex = '[0-9a-f]{2}'
const mac = new RegExp(`^(?:(?:01|20)-)?(${hex}(?:[-:]${hex}){5}|[0-9a-f]{12})$`)

/**
 * Returns the file of a path; null when it does not exist.
 * @throws what the image cache throws
 */
export async function resolveBootFile(
  ctx: NetbootContext,
  request: BootFileRequest,
): Promise<BootFile | null> {
  const name = plainName(ctx, request.path)
  if (name === null) return null
  return (
    (await common(ctx, name)) ??
    (await ofMac(ctx, name, request.site)) ??
    (await ofNode(ctx, name, request)) ??
    (await ofSystem(ctx, name))
  )
}

/** Removes leading slashes and the root directories, which GRUB and the PXELINUX of 2015 name. */
function plainName({ config }: NetbootContext, path: string): string | null {
  const name = `/${path.replaceAll('\\', '/')}`.replace(/^\/+/, '/')
  const root = [config.pxe.tftp_root, config.deploy.http_root].find((one) =>
    name.startsWith(`${one}/`),
  )
  const plain = name.slice(root?.length ?? 0).replace(/^\/+/, '')
  return plain === '' || plain.includes('\0') ? null : plain
}

const script = (text: string, machine: Machine | null = null): BootFile => ({
  content: Buffer.from(text),
  machine,
})

const grubFiles = new Set(['grub.cfg', 'grub/grub.cfg', 'EFI/BOOT/grub.cfg', 'EFI/debian/grub.cfg'])

async function common(ctx: NetbootContext, name: string): Promise<BootFile | null> {
  // iPXE runs this script before any other if it has content.
  if (name === 'autoexec.ipxe') return script('')
  if (grubFiles.has(name)) return script(grubStart())
  if (name !== 'boot.ipxe') return null
  const { ipxe_boot_script: own } = ctx.config.pxe
  const file = own === null ? null : await openRegular(own)
  return file === null
    ? script(chainScript(ctx.config.pxe.pxe_config_subdir, ipxeOptions(ctx)))
    : onDisk(file)
}

const ipxeOptions = ({ config }: NetbootContext) => ({
  timeout: config.pxe.ipxe_timeout,
  fallback: config.pxe.ipxe_fallback_script,
})

const onDisk = (opened: OpenFile, machine: Machine | null = null): BootFile => ({
  content: { ...opened, release: () => opened.file.close() },
  machine,
})

/** `pxelinux.cfg/01-<mac>`, `pxelinux.cfg/<mac>` (iPXE), `grub.cfg-01-<mac>`, `<mac>.conf`. */
async function ofMac(ctx: NetbootContext, name: string, site: Site): Promise<BootFile | null> {
  const file = macFile(ctx.config.pxe.pxe_config_subdir, name)
  if (file === null) return null
  const machine = await machineByMac(ctx, file.mac)
  if (machine === null || !machine.bootsHere || machine.plan === null) return null
  const kind =
    file.kind === 'pxelinux' && !file.typed && loadsByIpxe(machine.plan) ? 'ipxe' : file.kind
  return script(await scriptOf(ctx, machine, site, kind), machine)
}

type ScriptKind = 'ipxe' | 'pxelinux' | 'grub'

function macFile(directory: string, name: string) {
  const forms: readonly [RegExp, ScriptKind][] = [
    [/^(?:.*\/)?grub\.cfg-(.+)$/i, 'grub'],
    [/^(?:.*\/)?([0-9a-f:]+)\.conf$/i, 'grub'],
    [new RegExp(`^(?:.*/)?${directory.replace(/[^\w/]/g, '\\$&')}/(.+)$`, 'i'), 'pxelinux'],
  ]
  for (const [form, kind] of forms) {
    const address = form.exec(name)?.[1]?.toLowerCase() ?? ''
    const digits = mac.exec(address)?.[1]?.replaceAll(/[-:]/g, '')
    if (digits === undefined) continue
    // PXELINUX puts the hardware type in front of the address. Ferric's script for iPXE does not.
    return { mac: digits.match(/../g)?.join(':') ?? '', kind, typed: /^(01|20)-/.test(address) }
  }
  return null
}

/** The script of a machine. One that has nothing to boot from the network boots its disk. */
async function scriptOf(
  ctx: NetbootContext,
  machine: Machine,
  site: Site,
  kind: ScriptKind,
): Promise<string> {
  const plan = bootsNetwork(machine.plan) ? machine.plan : null
  switch (kind) {
    case 'ipxe': {
      if (plan === null) return bootDisk()
      const volume = plan.entry === 'boot_iscsi' ? await bootVolume(ctx, machine) : null
      return ipxeScript(machine, plan, site, { ...ipxeOptions(ctx), volume })
    }
    case 'pxelinux':
      return plan === null ? localPxelinux() : pxelinuxConfig(machine, plan, site)
    case 'grub':
      return plan === null ? localGrub() : grubConfig(machine, plan, site)
    default:
      return kind satisfies never
  }
}

/**
 * `<node>/<label>` for the images of its plan, `<node>/config`, `token-<node>`, and the names that
 * Anaconda requests.
 */
async function ofNode(
  ctx: NetbootContext,
  name: string,
  request: BootFileRequest,
): Promise<BootFile | null> {
  const [, token] = /^token-(.+)$/.exec(name) ?? []
  const [id = '', ...rest] = token === undefined ? name.split('/') : [token, 'token']
  const label = rest.join('/')
  const uuid = uuidOfDirectory(id)
  if (uuid === null || label === '') return null
  const machine = await machineByUuid(ctx, uuid)
  if (machine === null || !bootsNetwork(machine.plan)) return null
  const { plan } = machine
  // The ramdisk of 2015 requires the file. Without Keystone it has no content.
  if (label === 'token') return plan.classic ? script('', machine) : null
  if (label === 'config')
    return script(await scriptOf(ctx, machine, request.site, ownKind(plan)), machine)
  if (label === kickstartName) return await kickstartFile(ctx, machine, plan, request.signal)
  const image = label === stage2Name ? 'stage2' : label
  const href = Object.hasOwn(plan.images, image) ? plan.images[image] : undefined
  if (href === undefined) return null
  const content = await holdImage(ctx, href, request.signal)
  return content === null ? null : { content, machine }
}

async function kickstartFile(
  ctx: NetbootContext,
  machine: Machine,
  { kickstart }: BootPlan,
  signal: AbortSignal,
): Promise<BootFile | null> {
  if (kickstart === undefined) return null
  const text = await kickstartOf(ctx, machine, kickstart, signal)
  return text === null ? null : script(text, machine)
}

const ownKind = (plan: BootPlan): ScriptKind =>
  loadsByIpxe(plan) ? 'ipxe' : plan.loader === 'http' ? 'grub' : 'pxelinux'

/** A boot program, or a file that an operator or another part of Ferric put into a root directory. */
async function ofSystem(ctx: NetbootContext, name: string): Promise<BootFile | null> {
  const { deploy, pxe } = ctx.config
  for (const root of [deploy.http_root, pxe.tftp_root]) {
    const file = await openBelow(root, name)
    if (file !== null) return onDisk(file)
  }
  const base = name.split('/').at(-1) ?? ''
  const loader = await openLoader(ctx.config, base)
  return loader === null ? null : onDisk(loader)
}

/** For code that writes files instead of serving them. */
export const scriptFor = scriptOf
