import type { Transport, TransportListener } from '../../protocols/ipmi/session/transport.js'

/**
 * A transport that sends only as long as it may. A process that was held up (stopped, or on a
 * machine that was suspended) wakes to timers that send again, before it can notice that
 * another process has its BMC by now.
 * @param refusal why nothing may be sent; null: it may
 */
export function fenced(transport: Transport, refusal: () => Error | null): Transport {
  let listener: TransportListener | null = null
  return {
    send: (packet) => {
      const why = refusal()
      if (why === null) transport.send(packet)
      else listener?.failed(why)
    },
    listen: (to) => {
      listener = to
      transport.listen(to)
    },
    close: () => transport.close(),
  }
}
