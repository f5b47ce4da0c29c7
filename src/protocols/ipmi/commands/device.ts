import type { Requester } from '../requester.js'
import { Reader } from '../codec/reader.js'

const app = 0x06

export interface DeviceId {
  readonly deviceId: number
  readonly deviceRevision: number
  readonly providesDeviceSdrs: boolean
  /** As firmware people write it: `9.08`. */
  readonly firmware: string
  readonly updating: boolean
  /** `2.0`. */
  readonly ipmiVersion: string
  readonly supports: readonly string[]
  readonly manufacturerId: number
  readonly productId: number
}

const functions = [
  'sensors',
  'SDR repository',
  'SEL',
  'FRU inventory',
  'IPMB event receiver',
  'IPMB event generator',
  'bridge',
  'chassis',
]

/** Get Device ID (IPMI 2.0, 20.1). */
export async function deviceId(bmc: Requester): Promise<DeviceId> {
  const data = await bmc.request({ netFn: app, command: 0x01, data: Buffer.alloc(0) })
  const reader = new Reader(data, 'device id')
  const id = reader.u8()
  const revision = reader.u8()
  const major = reader.u8()
  const minor = reader.u8()
  const version = reader.u8()
  const support = reader.u8()
  const manufacturerId = reader.u24() & 0xf_ffff
  const productId = reader.u16()
  return {
    deviceId: id,
    deviceRevision: revision & 0x0f,
    providesDeviceSdrs: (revision & 0x80) !== 0,
    firmware: `${major & 0x7f}.${minor.toString(16).padStart(2, '0')}`,
    updating: (major & 0x80) !== 0,
    ipmiVersion: `${version & 0x0f}.${version >> 4}`,
    supports: functions.filter((_, bit) => (support & (1 << bit)) !== 0),
    manufacturerId,
    productId,
  }
}

/** Cold or Warm Reset of the BMC itself (IPMI 2.0, 20.2, 20.3). Its answer may never come. */
export async function resetBmc(bmc: Requester, kind: 'cold' | 'warm'): Promise<void> {
  const command = kind === 'cold' ? 0x02 : 0x03
  await bmc.request({ netFn: app, command, data: Buffer.alloc(0) }, { once: true })
}
