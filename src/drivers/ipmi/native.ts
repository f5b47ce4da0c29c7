import { parseRawBytes, raw } from '../../protocols/ipmi/commands/raw.js'
import type { Requester } from '../../protocols/ipmi/requester.js'
import {
  acknowledgeBootInfo,
  bootFlags,
  bootSelectors,
  setBootFlags,
} from '../../protocols/ipmi/commands/boot.js'
import { chassisControl, chassisStatus } from '../../protocols/ipmi/commands/chassis.js'
import { deviceId, resetBmc } from '../../protocols/ipmi/commands/device.js'
import { IpmiCompletionError, IpmiTimeout, IpmiUnreachable } from '../../protocols/ipmi/errors.js'
import type { IpmiInfo } from './driver-info.js'
import type { BootDevice, PowerState, Task } from '../interfaces.js'
import { ipmiClient } from './clients.js'
import type { BootChoice, IpmiAction, IpmiEngine } from './engine.js'
import { manufacturerName, powerCommand, rawBootFlags, rawCommand, resetCommand } from './names.js'
import { readSensors } from './management/sensors.js'
import { takeTurn, type TurnOptions } from './turn.js'

const isUnreachable = (error: unknown): boolean =>
  error instanceof IpmiTimeout || error instanceof IpmiUnreachable

/** Ferric's own IPMI: no process is started, a session is kept while it is used. */
export function nativeEngine(task: Task, info: IpmiInfo): IpmiEngine {
  const turn = async <T>(
    command: string,
    work: (bmc: Requester) => Promise<T>,
    options: Partial<TurnOptions> = {},
  ): Promise<T> => {
    const session = ipmiClient(task.ctx, info)
    return await takeTurn(task, info, { command, session, isUnreachable, ...options }, (limits) =>
      work(session.within(limits, task.unattended)),
    )
  }
  const shareable = { shareable: true }
  return {
    powerState: () => turn('power status', readPower, shareable),
    control: (action) => turn(powerCommand(action), (bmc) => control(bmc, action)),
    setBootDevice: (wanted) => turn(bootCommand(wanted), (bmc) => setBootDevice(bmc, wanted)),
    bootDevice: () => turn('chassis bootparam get 5', readBootDevice, shareable),
    raw: (bytes, repeatable = false) =>
      turn(rawCommand(bytes), async (bmc) =>
        hexOf(await raw(bmc, parseRawBytes(bytes), { once: !repeatable })),
      ),
    resetBmc: (kind) => turn(resetCommand(kind), (bmc) => reset(bmc, kind)),
    vendor: () =>
      turn('mc info', async (bmc) => manufacturerName((await deviceId(bmc)).manufacturerId)),
    sensors: () => turn('sdr -v', readSensors, shareable),
  }
}

const hexOf = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

async function readPower(bmc: Requester): Promise<PowerState> {
  return (await chassisStatus(bmc)).powerOn ? 'power on' : 'power off'
}

/**
 * A soft power-off whose answer was lost: the machine tells whether it was heard. One that is
 * still on is asked once more, which a machine that is going down takes no notice of.
 */
async function control(bmc: Requester, action: IpmiAction): Promise<void> {
  try {
    await chassisControl(bmc, action)
  } catch (error) {
    if (!(error instanceof IpmiTimeout) || !error.mayHaveRun || action !== 'soft') throw error
    if ((await readPower(bmc)) === 'power on') await chassisControl(bmc, action)
  }
}

/** UEFI machines get the flags alone; for the others the BIOS is told to heed them, if it can. */
async function setBootDevice(bmc: Requester, wanted: BootChoice): Promise<void> {
  if (!wanted.uefi) {
    await acknowledgeBootInfo(bmc).catch((error: unknown) => {
      if (!(error instanceof IpmiCompletionError)) throw error
    })
  }
  await setBootFlags(bmc, wanted)
}

function bootCommand({ device, persistent, uefi, selector }: BootChoice): string {
  if (uefi) return rawCommand(rawBootFlags(persistent ? 0xe0 : 0xa0, selector))
  return `chassis bootdev ${device}${persistent ? ' options=persistent' : ''}`
}

const deviceOf: Readonly<Record<number, string>> = {
  [bootSelectors.pxe]: 'pxe',
  [bootSelectors.disk]: 'disk',
  [bootSelectors.safe]: 'safe',
  [bootSelectors.cdrom]: 'cdrom',
  [bootSelectors.bios]: 'bios',
}

async function readBootDevice(bmc: Requester): Promise<BootDevice> {
  const { selector, persistent } = await bootFlags(bmc)
  return { boot_device: deviceOf[selector] ?? null, persistent }
}

/** The answer to a reset is often lost with the BMC that was to send it. */
async function reset(bmc: Requester, kind: 'warm' | 'cold'): Promise<void> {
  try {
    await resetBmc(bmc, kind)
  } catch (error) {
    if (!(error instanceof IpmiTimeout) || !error.mayHaveRun) throw error
  }
}
