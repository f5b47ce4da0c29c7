import type { Requester } from '../requester.js'
import { Reader } from '../codec/reader.js'

export interface SessionCount {
  /** How many sessions the BMC can have, and has: ours is one of them. */
  readonly possible: number
  readonly active: number
}

const thisSession = 0x00

/** Get Session Info (IPMI 2.0, 22.20). */
export async function sessionCount(bmc: Requester): Promise<SessionCount> {
  const data = Buffer.from([thisSession])
  const answer = await bmc.request({ netFn: 0x06, command: 0x3d, data })
  const reader = new Reader(answer, 'session info').skip(1)
  return { possible: reader.u8() & 0x3f, active: reader.u8() & 0x3f }
}

const thisChannel = 0x0e
const solEnable = 1

/** Whether Serial over LAN is switched on (Get SOL Configuration Parameters, IPMI 2.0, 26.3). */
export async function solEnabled(bmc: Requester): Promise<boolean> {
  const data = Buffer.from([thisChannel, solEnable, 0, 0])
  const answer = await bmc.request({ netFn: 0x0c, command: 0x22, data })
  return (new Reader(answer, 'SOL configuration').skip(1).u8() & 1) !== 0
}
