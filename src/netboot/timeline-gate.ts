import { background } from '../background.js'
import { recordEvent, recordEventAt } from '../timeline.js'
import type { BootEvent } from './boot-event.js'
import type { NetbootContext } from './machines.js'

/**
 * Records boot requests in the timelines of nodes. Any host that knows a MAC can send requests in its
 * name at the speed of the wire, and an ISO is read in thousands of ranges. So the first requests of a
 * minute, of each node and protocol, are recorded one by one. The further ones become one entry with
 * their number and the last of them.
 */
export interface TimelineGate {
  /** Never throws, never waits. */
  record(nodeUuid: string, event: BootEvent): void
  /** Records what was only counted so far. */
  close(): void
}

/** More than any boot program requests in a minute, even GRUB with all its modules. */
const mostSingle = 60
const windowMs = 60_000

interface Window {
  readonly nodeUuid: string
  requests: number
  /** The last request that was only counted. */
  last: { readonly event: BootEvent; readonly at: Date } | null
}

export function timelineGate(ctx: NetbootContext): TimelineGate {
  const windows = new Map<string, Window>()
  const closing = new AbortController()
  const end = (key: string) => {
    const window = windows.get(key)
    windows.delete(key)
    if (window !== undefined) recordRest(ctx, window)
  }
  return {
    record(nodeUuid, event) {
      const key = `${nodeUuid} ${event.protocol}`
      const window = windows.get(key) ?? { nodeUuid, requests: 0, last: null }
      window.requests += 1
      if (window.requests > mostSingle) window.last = { event, at: ctx.clock.now() }
      else recordEvent(ctx, entry(nodeUuid, event))
      if (windows.has(key)) return
      windows.set(key, window)
      const counting = waited(ctx, closing.signal).then(() => end(key))
      background(ctx.log.boot, 'count boot requests', counting)
    },
    close() {
      closing.abort()
      for (const key of windows.keys()) end(key)
    },
  }
}

/** Resolves when the window is over or the gate closes. */
async function waited(ctx: NetbootContext, closing: AbortSignal): Promise<void> {
  try {
    await ctx.clock.sleep(windowMs, closing)
  } catch (error) {
    if (!closing.aborted) throw error
  }
}

function recordRest(ctx: NetbootContext, { nodeUuid, requests, last }: Window): void {
  if (last === null) return
  const counted = requests - mostSingle
  const { protocol, summary } = last.event
  const text = `${protocol.toUpperCase()}: ${counted} more requests within a minute, the last: ${summary}`
  const more = counted === 1 ? {} : { summary: text, requests: counted }
  recordEventAt(ctx, { ...entry(nodeUuid, last.event), ...more }, last.at)
}

const entry = (nodeUuid: string, { node: _node, ...detail }: BootEvent) =>
  ({ ...detail, nodeUuid, kind: 'boot' }) as const
