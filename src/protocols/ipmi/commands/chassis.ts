import type { Requester } from '../requester.js'
import { Reader } from '../codec/reader.js'

const chassis = 0x00

export interface ChassisStatus {
  readonly powerOn: boolean
  readonly powerFault: boolean
  readonly identifySupported: boolean
  /** Whether the identify light is on: off, for a time, for ever; null when not reported. */
  readonly identify: 'off' | 'timed' | 'on' | null
}

const identifyStates = ['off', 'timed', 'on', null] as const

/** Get Chassis Status (IPMI 2.0, 28.2). */
export async function chassisStatus(bmc: Requester): Promise<ChassisStatus> {
  const data = await bmc.request({ netFn: chassis, command: 0x01, data: Buffer.alloc(0) })
  const reader = new Reader(data, 'chassis status')
  const power = reader.u8()
  reader.skip(1)
  const misc = reader.u8()
  const identifySupported = (misc & 0x40) !== 0
  return {
    powerOn: (power & 0x01) !== 0,
    powerFault: (power & 0x18) !== 0,
    identifySupported,
    identify: identifySupported ? (identifyStates[(misc >> 4) & 0x03] ?? null) : null,
  }
}

/** What Chassis Control does (IPMI 2.0, 28.3). */
export const chassisActions = {
  off: 0x00,
  on: 0x01,
  cycle: 0x02,
  reset: 0x03,
  diag: 0x04,
  soft: 0x05,
} as const
export type ChassisAction = keyof typeof chassisActions

/** On and off may be said twice; the others are something else when done again. */
const repeatable = new Set<ChassisAction>(['on', 'off'])

/**
 * Chassis Control.
 * @throws IpmiTimeout with `mayHaveRun` when the answer was lost: read the state, do not repeat
 */
export async function chassisControl(bmc: Requester, action: ChassisAction): Promise<void> {
  const data = Buffer.from([chassisActions[action]])
  await bmc.request({ netFn: chassis, command: 0x02, data }, { once: !repeatable.has(action) })
}

/** Chassis Identify (IPMI 2.0, 28.5): the light on for ever, off, or for some seconds. */
export async function chassisIdentify(bmc: Requester, state: 'on' | 'off' | number): Promise<void> {
  const seconds = typeof state === 'number' ? Math.min(state, 255) : 0
  const data = state === 'on' ? Buffer.from([0, 1]) : Buffer.from([seconds])
  await bmc.request({ netFn: chassis, command: 0x04, data })
}
