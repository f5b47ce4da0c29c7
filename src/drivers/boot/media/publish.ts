/** Puts files where a BMC finds them: the HTTP server's directory, or an NFS or CIFS share. */
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { Task } from '../../interfaces.js'

/** How a BMC fetches an image (`TransferProtocolType` of the standard). */
export type Transport = 'HTTP' | 'HTTPS' | 'NFS' | 'CIFS' | 'SMB'

interface Place {
  readonly directory: string
  /** Without a slash at its end. */
  readonly url: string
  readonly mode: number
}

/**
 * Writes a file and publishes it under a name.
 * @param write creates the file at the path it receives
 * @returns the URL of the file for the BMC
 * @throws MissingParameterValue, InvalidParameterValue when the place is not configured
 */
export async function publishFile(
  task: Task,
  name: string,
  write: (path: string) => Promise<void>,
  transport: Transport = 'HTTP',
): Promise<string> {
  const { directory, url, mode } = placeOf(task, transport)
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const part = join(directory, `.${randomUUID()}.part`)
  try {
    await write(part)
    // Another program serves the file, so the umask of this process must not decide who reads it.
    await chmod(part, mode)
    await rename(part, join(directory, name))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  return `${url}/${name}`
}

/** Removes every file whose name starts with `prefix`, wherever it was published. */
export async function unpublish(task: Task, prefix: string): Promise<void> {
  const { nfs, cifs } = task.ctx.config
  const shares = [nfs.share_path, cifs.share_path].filter((path) => path !== null && path !== '')
  for (const directory of [httpDirectory(task), ...shares] as string[]) {
    const names = await readdir(directory).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })
    for (const name of names.filter((one) => one.startsWith(prefix))) {
      await rm(join(directory, basename(name)), { force: true })
    }
  }
}

const httpDirectory = ({ ctx }: Task): string => join(ctx.config.deploy.http_root, 'redfish')

/** @throws MissingParameterValue, InvalidParameterValue when the place is not configured */
export function placeOf(task: Task, transport: Transport): Place {
  const { nfs, cifs, redfish } = task.ctx.config
  const mode = redfish.file_permission
  if (transport === 'NFS') return { ...shareOf(task, 'nfs', nfs), mode }
  if (transport === 'CIFS' || transport === 'SMB') return { ...shareOf(task, 'cifs', cifs), mode }
  return { directory: httpDirectory(task), url: `${baseUrl(task)}/redfish`, mode }
}

function baseUrl({ node, ctx }: Task): string {
  const { external_http_url: external, http_url: internal } = ctx.config.deploy
  const own = node.driverInfo?.['external_http_url']
  const base = isTruthy(own) ? pythonStr(own) : external || internal
  if (base) return base.replace(/\/+$/, '')
  throw new MissingParameterValue(
    'Publishing images for a BMC needs [deploy] http_url or external_http_url, or driver_info external_http_url.',
  )
}

function shareOf(
  { node }: Task,
  group: 'nfs' | 'cifs',
  options: { readonly base_url: string | null; readonly share_path: string | null },
): Omit<Place, 'mode'> {
  const { base_url: base, share_path: path } = options
  if (!base || !path) {
    throw new InvalidParameterValue(
      `${group.toUpperCase()} transport protocol requested for node ${node.uuid} but [${group}]base_url and [${group}]share_path are not both configured.`,
    )
  }
  const url = `${base.replace(/\/+$/, '')}/${path.replace(/^\/+|\/+$/g, '')}`
  return { directory: path, url }
}
