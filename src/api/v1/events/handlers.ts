import type { Handler } from '../../request.js'
import type { operations } from './contract.gen.js'

/** Events of the network service are checked and logged; nothing waits for them. */
export const create: Handler<operations['events.create']> = ({ ctx, auth, body }) => {
  auth.authorize('baremetal:events:post')
  for (const { event, port_id: port, status } of body.events) {
    ctx.log.api.debug({ event, port, status }, 'external event')
  }
  return Promise.resolve({})
}
