import { background } from '../background.js'
import { recordEvent, recordEventAt } from '../timeline.js'
import type { BootEvent } from './boot-event.js'
import type { NetbootContext } from './machines.js'

/**
 * Boot requests on their way into the timelines of nodes. Whoever knows a MAC can ask in its name as fast
 * as the wire carries, and an ISO is read in thousands of ranges: so of each node and protocol the first
 * requests of a minute are told one by one, and those after them in one entry with their number and the
 * last of them.
 */
export interface TimelineGate {
  /** Never throws, never waits. */
  tell(nodeUuid: string, event: BootEvent): void
  /** Tells what was only counted so far. */
  close(): void
}

/** More than any boot program asks for in a minute, GRUB with all its modules included. */
const toldSingly = 60
const windowMs = 60_000

interface Window {
  readonly nodeUuid: string
  asked: number
  /** The last request that was only counted. */
  last: { readonly event: BootEvent; readonly at: Date } | null
}

export function timelineGate(ctx: NetbootContext): TimelineGate {
  const windows = new Map<string, Window>()
  const closing = new AbortController()
  const end = (key: string) => {
    const window = windows.get(key)
    windows.delete(key)
    if (window !== undefined) tellRest(ctx, window)
  }
  return {
    tell(nodeUuid, event) {
      const key = `${nodeUuid} ${event.protocol}`
      const window = windows.get(key) ?? { nodeUuid, asked: 0, last: null }
      window.asked += 1
      if (window.asked > toldSingly) window.last = { event, at: ctx.clock.now() }
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

function tellRest(ctx: NetbootContext, { nodeUuid, asked, last }: Window): void {
  if (last === null) return
  const counted = asked - toldSingly
  const { protocol, summary } = last.event
  const text = `${protocol.toUpperCase()}: ${counted} more requests within a minute, the last: ${summary}`
  const more = counted === 1 ? {} : { summary: text, requests: counted }
  recordEventAt(ctx, { ...entry(nodeUuid, last.event), ...more }, last.at)
}

const entry = (nodeUuid: string, { node: _node, ...detail }: BootEvent) =>
  ({ ...detail, nodeUuid, kind: 'boot' }) as const
