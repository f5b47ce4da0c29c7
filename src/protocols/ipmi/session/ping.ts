import type { Clock } from '../../../clock.js'
import { decodePong, encodePing, type Pong } from '../codec/rmcp.js'
import { IpmiTimeout } from '../errors.js'
import type { Transport } from './transport.js'
import { Wire, type Limits, type Timing } from './wire.js'

const tries = 2

/**
 * Asks whether something that speaks IPMI is there (ASF 2.0, 3.2.4.2).
 * @returns null when there is no answer: some BMCs only answer IPMI
 * @throws IpmiUnreachable
 */
export async function ping(
  transport: Transport,
  clock: Clock,
  timing: Timing,
  limits: Limits,
): Promise<Pong | null> {
  const wire = new Wire(transport, clock, timing, decodePong)
  const tag = 0
  try {
    return await wire.ask({
      what: 'RMCP ping',
      packet: () => encodePing(tag),
      accept: (pong) => pong,
      tries,
      limits,
    })
  } catch (error) {
    if (error instanceof IpmiTimeout) return null
    throw error
  }
}
