import { foreignOffers } from '../metrics.js'
import { recordEvent } from '../timeline.js'
import type { NetbootContext } from './machines.js'

/** Reports other DHCP servers on the links. */
export interface ForeignServers {
  /** Reports an offer of a server, or a machine that took one. */
  noticed(server: string, node: string | null): void
}

/** A server is logged once an hour. */
const quietMs = 3600_000
/** Names that are counted apart. Packets can be forged, so further names count as one. */
const mostServers = 64
const others = 'others'

/**
 * Creates the report of DHCP servers other than this one.
 * @param alone Ferric is meant to be the only server, and another one disturbs it
 */
export function foreignServers(
  ctx: NetbootContext,
  own: readonly string[],
  alone: boolean,
): ForeignServers {
  const loggedAt = new Map<string, number>()
  return {
    noticed(named, node) {
      if (own.includes(named)) return
      const server = loggedAt.has(named) || loggedAt.size < mostServers ? named : others
      foreignOffers.inc({ server })
      const now = ctx.clock.now().getTime()
      if (alone && node !== null) {
        const summary = `DHCP: another server, ${server}, answers this machine`
        recordEvent(ctx, { nodeUuid: node, kind: 'boot', summary, fold: server, server })
      }
      if (now - (loggedAt.get(server) ?? -Infinity) < quietMs) return
      loggedAt.set(server, now)
      const level = alone ? 'warn' : 'info'
      ctx.log.boot[level](
        { server },
        'another DHCP server answers on a link that machines boot from',
      )
    },
  }
}
