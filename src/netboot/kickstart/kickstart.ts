/** The kickstart file of a machine that Anaconda installs. */
import { readFile } from 'node:fs/promises'
import { eq } from 'drizzle-orm'
import { nodes } from '../../db/schema/index.js'
import { imageCache } from '../../images/cache/cache.js'
import { configDriveIso } from '../../images/configdrive/instance.js'
import type { Machine, NetbootContext } from '../machines.js'
import type { KickstartPlan } from '../plan.js'
import { configDriveSection } from './config-drive.js'
import { defaultTemplate } from './default-template.js'
import { InvalidKickstartTemplate } from './errors.js'
import { UndefinedVariable } from './jinja.js'
import { render } from './render.js'

const mostTemplateBytes = 1024 * 1024

/**
 * Makes the kickstart file for a request. It is never stored, because it holds the token and the
 * config drive.
 * @returns null when the node is not being installed
 * @throws InvalidKickstartTemplate, InvalidParameterValue for the config drive, what fetching throws
 */
export async function kickstartOf(
  ctx: NetbootContext,
  machine: Machine,
  plan: KickstartPlan,
  signal: AbortSignal,
): Promise<string | null> {
  const token = machine.driverInternalInfo?.['agent_secret_token']
  const image = machine.instanceInfo?.['image_url']
  if (typeof token !== 'string' || typeof image !== 'string') return null
  const template = await templateText(ctx, plan.template, signal)
  const configDrive = configDriveSection(await configDriveOf(ctx, machine, signal))
  const options = {
    liveimg_url: image,
    agent_token: token,
    heartbeat_url: plan.heartbeatUrl,
    config_drive: configDrive,
    ...(plan.repository === null ? {} : { is_source_a_path: 'true' }),
    ...(plan.insecureHeartbeat ? { insecure_heartbeat: 'true' } : {}),
  }
  return await render(template, options, { signal })
}

/**
 * Fetches the text of a template.
 * @param href null for the configured one, else Ferric's own
 * @throws what fetching throws, InvalidKickstartTemplate when it is too long
 */
export async function templateText(
  ctx: NetbootContext,
  href: string | null,
  signal: AbortSignal,
): Promise<string> {
  if (href === null) return await defaultText(ctx)
  const cached = await imageCache(ctx).fetch(href, { signal, inspect: false })
  try {
    if (cached.size <= mostTemplateBytes) return await readFile(cached.path, 'utf8')
    throw new InvalidKickstartTemplate(
      `The kickstart template is larger than ${mostTemplateBytes} bytes.`,
    )
  } finally {
    await cached.release()
  }
}

async function defaultText({ config }: NetbootContext): Promise<string> {
  const path = config.anaconda.default_ks_template
  if (path === null) return defaultTemplate
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new InvalidKickstartTemplate(
      `[anaconda] default_ks_template cannot be read: ${path}: ${code ?? String(cause)}`,
      cause,
    )
  }
}

async function configDriveOf(
  ctx: NetbootContext,
  { uuid, instanceInfo }: Machine,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const [row] = await ctx.db.orm
    .select({ name: nodes.name })
    .from(nodes)
    .where(eq(nodes.uuid, uuid))
  const node = { uuid, name: row?.name ?? null, instanceInfo }
  return await configDriveIso(ctx, node, signal)
}

/** Stands for a value when a template is checked. A value that does not come out is not used. */
const probes = {
  liveimg_url: 'http://ferric.invalid/image.tar.gz',
  agent_token: 'ferric-agent-token',
  config_drive: '',
  heartbeat_url: 'http://ferric.invalid/v1/heartbeat/node',
} as const

/**
 * Checks a template (`pxe_utils.validate_kickstart_template`).
 * @param repository the image is a repository of packages
 * @returns the file that it renders with placeholder values
 * @throws InvalidKickstartTemplate
 */
export async function tryTemplate(
  text: string,
  repository: boolean,
  signal: AbortSignal,
): Promise<string> {
  const options = { ...probes, ...(repository ? { is_source_a_path: 'true' } : {}) }
  const rendered = await renderStrictly(text, options, signal)
  const missing = Object.entries(probes).filter(([, value]) => !rendered.includes(value))
  if (missing.length === 0) return rendered
  throw new InvalidKickstartTemplate(
    `Following required kickstart option variables are missing from the kickstart template: ${missing.map(([name]) => name).join(',')}.`,
  )
}

async function renderStrictly(
  text: string,
  options: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await render(text, options, { strict: true, signal })
  } catch (cause) {
    if (!(cause instanceof UndefinedVariable)) throw cause
    throw new InvalidKickstartTemplate(
      `The kickstart template includes a variable that is not a valid kickstart option. Rendering the template returned  ${cause.message}. The valid options are ${Object.keys(probes).join(',')}.`,
      cause,
    )
  }
}
