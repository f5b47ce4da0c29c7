import { bufferContent, fileContent, TftpRefusal } from '../protocols/tftp/content.js'
import type { TftpContent } from '../protocols/tftp/content.js'
import { startTftpServer } from '../protocols/tftp/server.js'
import type { TftpEvent, TftpServer } from '../protocols/tftp/server.js'
import { resolveBootFile } from './boot-files.js'
import type { NetbootContext } from './machines.js'
import type { BootEvent, BootReport } from './boot-event.js'
import { siteAt } from './site.js'

export interface TftpRoleOptions {
  readonly host: string
  readonly port: number
  /** The address of this host that a machine at the given address reaches. */
  readonly ownAddress: (machine: string) => string
  readonly report: BootReport
}

/**
 * Starts TFTP for machines that boot.
 * @throws the system's error when the port cannot be bound
 */
export async function startBootTftp(
  ctx: NetbootContext,
  options: TftpRoleOptions,
): Promise<TftpServer> {
  const nodes = new WeakMap<TftpContent, string>()
  return startTftpServer({
    host: options.host,
    port: options.port,
    clock: ctx.clock,
    open: async (path, peer, signal) => {
      const site = siteAt(ctx.config, options.ownAddress(peer.address))
      const file = await resolveBootFile(ctx, { path, site, signal })
      if (file === null) throw new TftpRefusal('file not found')
      const content = contentOf(file.content)
      if (file.machine !== null) nodes.set(content, file.machine.uuid)
      return content
    },
    report: (event) => options.report(eventOf(event, nodes)),
  })
}

function eventOf(event: TftpEvent, nodes: WeakMap<TftpContent, string>): BootEvent {
  const { peer, file, outcome, bytes, reason, content } = event
  const node = (content === null ? undefined : nodes.get(content)) ?? null
  const summary = `TFTP ${file}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`
  return { protocol: 'tftp', node, address: peer.address, summary, file, outcome, bytes }
}

type Content = NonNullable<Awaited<ReturnType<typeof resolveBootFile>>>['content']

function contentOf(content: Content): TftpContent {
  if (Buffer.isBuffer(content)) return bufferContent(content)
  return { ...fileContent(content.file, content.size), close: () => content.release() }
}
