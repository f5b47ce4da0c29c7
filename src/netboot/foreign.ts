import { foreignOffers } from '../metrics.js'
import { recordEvent } from '../timeline.js'
import type { NetbootContext } from './machines.js'

/** Other DHCP servers on our links. */
export interface ForeignServers {
  /** An offer of this server, or a machine that took it. */
  noticed(server: string, node: string | null): void
}

/** A server is told about once an hour. */
const quietMs = 3600_000
/** Names told apart; packets can be made up, and further ones are one. */
const mostServers = 64
const others = 'others'

/**
 * Reports DHCP servers that are not us.
 * @param alone Ferric is meant to be the only one: another gets in its way
 */
export function foreignServers(
  ctx: NetbootContext,
  own: readonly string[],
  alone: boolean,
): ForeignServers {
  const told = new Map<string, number>()
  return {
    noticed(named, node) {
      if (own.includes(named)) return
      const server = told.has(named) || told.size < mostServers ? named : others
      foreignOffers.inc({ server })
      const now = ctx.clock.now().getTime()
      if (alone && node !== null) {
        const summary = `DHCP: another server, ${server}, answers this machine`
        recordEvent(ctx, { nodeUuid: node, kind: 'boot', summary, fold: server, server })
      }
      if (now - (told.get(server) ?? -Infinity) < quietMs) return
      told.set(server, now)
      const level = alone ? 'warn' : 'info'
      ctx.log.boot[level](
        { server },
        'another DHCP server answers on a link that machines boot from',
      )
    },
  }
}
