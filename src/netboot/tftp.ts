import { bufferContent, fileContent, TftpRefusal } from '../protocols/tftp/content.js'
import type { TftpContent } from '../protocols/tftp/content.js'
import { startTftpServer } from '../protocols/tftp/server.js'
import type { TftpPeer, TftpServer } from '../protocols/tftp/server.js'
import { resolveBootFile } from './boot-files.js'
import type { NetbootContext } from './machines.js'
import type { BootReport } from './report.js'
import { siteAt } from './site.js'

export interface TftpRoleOptions {
  readonly host: string
  readonly port: number
  /** The address of ours that reaches a machine at its address. */
  readonly ownAddress: (machine: string) => string
  readonly report: BootReport
}

/** TFTP for machines that boot. */
export async function startBootTftp(
  ctx: NetbootContext,
  options: TftpRoleOptions,
): Promise<TftpServer> {
  const nodes = new Map<string, string>()
  const keyOf = ({ address, port }: TftpPeer) => `${address} ${port}`
  return startTftpServer({
    host: options.host,
    port: options.port,
    clock: ctx.clock,
    open: async (path, peer, signal) => {
      const site = siteAt(ctx.config, options.ownAddress(peer.address))
      const found = await resolveBootFile(ctx, { path, site, signal })
      if (found === null) throw new TftpRefusal('file not found')
      if (found.machine !== null) nodes.set(keyOf(peer), found.machine.uuid)
      return contentOf(found.content)
    },
    report: (event) => {
      const node = nodes.get(keyOf(event.peer)) ?? null
      nodes.delete(keyOf(event.peer))
      const { peer, file, outcome, bytes, reason } = event
      const summary = `TFTP ${file}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`
      options.report({
        protocol: 'tftp',
        node,
        address: peer.address,
        summary,
        file,
        outcome,
        bytes,
      })
    },
  })
}

type Content = NonNullable<Awaited<ReturnType<typeof resolveBootFile>>>['content']

function contentOf(content: Content): TftpContent {
  if (Buffer.isBuffer(content)) return bufferContent(content)
  return { ...fileContent(content.file, content.size), close: () => content.release() }
}
