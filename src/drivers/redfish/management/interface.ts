import { resetSystem } from '../../../protocols/redfish/resources/system.js'
import { readRoot } from '../../../protocols/redfish/resources/service-root.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import type { MediaType } from '../../../protocols/redfish/resources/virtual-media.js'
import { InvalidParameterValue } from '../../../errors.js'
import { redfishProperties, validateRedfish } from '../driver-info.js'
import type { ManagementInterface, StepDefinition, Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { setBmcClock, verifyBmcClock } from './bmc-clock.js'
import { bootTargets, getBootDevice, setBootDevice } from './boot-order.js'
import { getBootMode, setBootMode, supportedBootModes } from './boot-mode.js'
import { clearJobQueue, knownGoodState, resetIdrac } from '../idrac.js'
import { getIndicatorState, setIndicatorState, supportedIndicators } from './indicators.js'
import { getMacAddresses } from '../inspect/macs.js'
import { getSecureBootState, resetSecureBootKeys, setSecureBootState } from './secure-boot.js'
import { getSensorsData } from './sensors.js'
import { ejectVirtualMedia, insertVirtualMedia, listVirtualMedia } from '../boot/virtual-media.js'

const media: Readonly<Record<string, MediaType>> = {
  cdrom: 'CD',
  floppy: 'Floppy',
  disk: 'USBStick',
}
function mediaOf(device: string): MediaType {
  const type = media[device]
  if (type !== undefined) return type
  throw new InvalidParameterValue(`Invalid virtual media device ${device} specified.`)
}

const healths: Readonly<Record<string, string>> = {
  OK: 'OK',
  Warning: 'Warning',
  Critical: 'Critical',
}

async function detectVendor(task: Task): Promise<string | null> {
  return await withBmc(task, async (bmc) => {
    return (await rootVendor(bmc)) ?? (await bmc.system()).manufacturer
  })
}

async function rootVendor(bmc: Bmc): Promise<string | null> {
  try {
    return (await readRoot(bmc.talk)).vendor
  } catch (error) {
    if (error instanceof BmcError) return null
    throw error
  }
}

async function injectNmi(task: Task): Promise<void> {
  await withBmc(
    task,
    async (bmc) => resetSystem(bmc.talk, await bmc.system(), 'Nmi'),
    (reason) => `Redfish inject NMI failed for node ${task.node.uuid}. Error: ${reason}`,
  )
}

const clockArguments = {
  target_datetime: {
    description:
      'The datetime to set in ISO8601 format. If omitted, the current conductor UTC time is used.',
    required: false,
  },
  datetime_local_offset: { description: 'The local time offset from UTC', required: false },
}

type KeySteps = 'ResetAllKeysToDefault' | 'DeleteAllKeys'
const keySteps = (step: string, type: KeySteps): StepDefinition[] =>
  (['clean', 'deploy'] as const).map((kind) => ({
    step,
    kind,
    priority: 0,
    argsinfo: null,
    async run(task) {
      await resetSecureBootKeys(task, type)
      return undefined
    },
  }))

const steps: readonly StepDefinition[] = [
  {
    step: 'set_bmc_clock',
    kind: 'clean',
    priority: 0,
    abortable: false,
    argsinfo: clockArguments,
    run: setBmcClock,
  },
  { step: 'verify_bmc_clock', kind: 'verify', priority: 1, run: verifyBmcClock },
  ...keySteps('reset_secure_boot_keys_to_default', 'ResetAllKeysToDefault'),
  ...keySteps('clear_secure_boot_keys', 'DeleteAllKeys'),
]

/** Management by Redfish (`drivers/modules/redfish/management.py`). */
export const redfishManagement: ManagementInterface = {
  name: 'redfish',
  kind: 'management',
  properties: redfishProperties,
  steps,
  validate: validateRedfish,
  supportedBootDevices: () => Promise.resolve(Object.keys(bootTargets)),
  setBootDevice,
  getBootDevice,
  supportedBootModes,
  setBootMode,
  getBootMode,
  getSecureBootState,
  setSecureBootState,
  injectNmi,
  supportedIndicators,
  getIndicatorState,
  setIndicatorState,
  getSensorsData,
  detectVendor,
  getHealth: (task) =>
    withBmc(task, async (bmc) => healths[(await bmc.system()).health ?? ''] ?? null),
  attachVirtualMedia: (task, device, url) => insertVirtualMedia(task, url, mediaOf(device)),
  async detachVirtualMedia(task, devices) {
    for (const device of devices) await ejectVirtualMedia(task, mediaOf(device))
  },
  getVirtualMedia: listVirtualMedia,
  getMacAddresses,
}

const dellSteps: readonly StepDefinition[] = Object.entries({
  clear_job_queue: clearJobQueue,
  reset_idrac: resetIdrac,
  known_good_state: knownGoodState,
}).flatMap(([step, run]) =>
  (['verify', 'clean'] as const).map((kind) => ({
    step,
    kind,
    priority: 0,
    ...(kind === 'clean' ? { requiresRamdisk: false, argsinfo: null } : {}),
    run,
  })),
)

/** The same for Dell's machines (`drivers/modules/drac/management.py`). */
export const idracManagement: ManagementInterface = {
  ...redfishManagement,
  name: 'idrac-redfish',
  steps: [...steps, ...dellSteps],
}
