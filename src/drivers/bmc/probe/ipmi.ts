import type { IpmiClient } from '../../../protocols/ipmi/client.js'
import type { Requester } from '../../../protocols/ipmi/requester.js'
import { bootFlags } from '../../../protocols/ipmi/commands/boot.js'
import { chassisStatus } from '../../../protocols/ipmi/commands/chassis.js'
import { deviceId, type DeviceId } from '../../../protocols/ipmi/commands/device.js'
import { sessionCount, solEnabled } from '../../../protocols/ipmi/commands/session.js'
import {
  IpmiCompletionError,
  IpmiPrivilegeError,
  IpmiProtocolError,
  IpmiTimeout,
  IpmiUnreachable,
} from '../../../protocols/ipmi/errors.js'
import { readFru } from '../../../protocols/ipmi/fru/inventory.js'
import { sdrInfo } from '../../../protocols/ipmi/sdr/repository.js'
import { selInfo } from '../../../protocols/ipmi/sel/log.js'
import {
  channelCapabilities,
  offeredSuites,
  type ChannelCapabilities,
} from '../../../protocols/ipmi/session/negotiate.js'
import { ping } from '../../../protocols/ipmi/session/ping.js'
import { openWire } from '../../../protocols/ipmi/session/sessionless.js'
import { defaultTiming } from '../../../protocols/ipmi/session/wire.js'
import { connectUdp } from '../../../protocols/ipmi/socket.js'
import { UnsupportedDriverExtension } from '../../../errors.js'
import { parseIpmiInfo, type IpmiInfo } from '../../ipmi/driver-info.js'
import { hasOwnDiskSelector } from '../../ipmi/management/boot-flags.js'
import { ipmiClient } from '../../ipmi/clients.js'
import { manufacturerName } from '../../ipmi/names.js'
import { bmcName, defaultPort, takeTurn, type Turn } from '../../ipmi/turn.js'
import type { Task } from '../../interfaces.js'
import { Survey, type BmcReport } from './report.js'

/** A BMC may refuse a command or answer it wrongly; the next one may still be answered. */
const mayFail = (error: unknown): boolean =>
  error instanceof IpmiCompletionError ||
  error instanceof IpmiPrivilegeError ||
  error instanceof IpmiProtocolError

const isUnreachable = (error: unknown): boolean =>
  error instanceof IpmiTimeout || error instanceof IpmiUnreachable

/**
 * Asks a BMC what it is, by IPMI, in one turn. Changes nothing.
 * @throws IPMIFailure, InvalidParameterValue, UnsupportedDriverExtension for IPMI 1.5
 */
export async function probeIpmi(task: Task): Promise<BmcReport> {
  const info = parseIpmiInfo(task.node)
  if (info.protocolVersion !== '2.0') {
    throw new UnsupportedDriverExtension(task.node.driver ?? '', 'bmc probe with IPMI 1.5')
  }
  const session = ipmiClient(task.ctx, info)
  return await takeTurn(task, info, { command: 'probe', session, isUnreachable }, (turn) =>
    survey(task, info, session, turn),
  )
}

async function survey(
  task: Task,
  info: IpmiInfo,
  client: IpmiClient,
  turn: Turn,
): Promise<BmcReport> {
  const all = new Survey(task.ctx.clock, mayFail)
  const open = await before(task, info, turn, all)
  const bmc = client.within(turn)
  const device = await all.read('session and device id', () => deviceId(bmc))
  await all.read('one answer', () => deviceId(bmc))
  const sessions = await all.read('sessions', () => sessionCount(bmc))
  const found = await whatItHas(bmc, all)
  const { supports, machine } = found
  return {
    protocol: 'ipmi',
    bmc: bmcName(info),
    identity: device === null ? {} : identityOf(device),
    session: {
      answers_ping: open.answersPing,
      cipher_suites: open.suites,
      cipher_suite_used: client.suite,
      privilege_level: info.privilegeLevel,
      bmc_key_set: open.capabilities.bmcKeySet,
      anonymous_login: open.capabilities.anonymousLogin,
      sessions_possible: sessions?.possible ?? null,
      sessions_active: sessions?.active ?? null,
    },
    supports,
    quirks: quirksOf(task, open.suites, device),
    machine,
    timings: all.timings,
    problems: all.problems,
  }
}

interface Before {
  readonly answersPing: boolean
  readonly capabilities: ChannelCapabilities
  readonly suites: readonly number[] | null
}

/** What it says without a session. */
async function before(task: Task, info: IpmiInfo, turn: Turn, all: Survey): Promise<Before> {
  const { clock } = task.ctx
  const transport = await connectUdp(info.address, info.port ?? defaultPort)
  try {
    const pong = await all.read('ping', () => ping(transport, clock, defaultTiming, turn))
    const wire = openWire(transport, clock, defaultTiming)
    const capabilities = await channelCapabilities(wire, 4, turn)
    const suites = await all.read('cipher suites', () => offeredSuites(wire, turn))
    return { answersPing: pong !== null, capabilities, suites }
  } finally {
    transport.close()
  }
}

async function whatItHas(
  bmc: Requester,
  all: Survey,
): Promise<Pick<BmcReport, 'supports' | 'machine'>> {
  const chassis = await all.read('power state', () => chassisStatus(bmc))
  const boot = await all.read('boot device', () => bootFlags(bmc))
  const sol = await all.read('console', () => solEnabled(bmc))
  const sdr = await all.read('sensors', () => sdrInfo(bmc))
  const fru = await all.read('FRU', () => readFru(bmc))
  const sel = await all.read('event log', () => selInfo(bmc))
  return {
    supports: {
      power: chassis !== null,
      boot_device: boot !== null,
      identify: chassis?.identifySupported ?? null,
      console: sol,
      sensors: sdr !== null,
      fru: fru !== null,
      event_log: sel !== null,
    },
    machine: {
      power_state: chassis === null ? null : chassis.powerOn ? 'power on' : 'power off',
      power_fault: chassis?.powerFault ?? null,
      sensor_records: sdr?.records ?? null,
      event_log: sel === null ? null : { ...sel },
      fru: fru === null ? null : { ...fru },
    },
  }
}

function identityOf(device: DeviceId): Record<string, unknown> {
  return {
    manufacturer: manufacturerName(device.manufacturerId),
    manufacturer_id: device.manufacturerId,
    product_id: device.productId,
    device_id: device.deviceId,
    device_revision: device.deviceRevision,
    firmware: device.firmware,
    firmware_updating: device.updating,
    ipmi_version: device.ipmiVersion,
    functions: device.supports,
  }
}

const good = [17, 3]

function quirksOf(task: Task, suites: readonly number[] | null, device: DeviceId | null): string[] {
  const found: string[] = []
  if (suites === null) found.push('does not list its cipher suites: 17 and then 3 are tried')
  if (suites !== null && !suites.some((id) => good.includes(id))) {
    found.push('lists neither cipher suite 17 nor 3: they are tried all the same')
  }
  if (hasOwnDiskSelector(task)) {
    found.push('Supermicro: booting from the disk by UEFI has a selector of its own (0x24)')
  }
  if (device !== null && !device.supports.includes('SDR repository') && device.providesDeviceSdrs) {
    found.push('sensors are described by the device, not by a repository')
  }
  return found
}
