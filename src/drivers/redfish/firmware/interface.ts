import type { JsonObject } from '../../../db/columns.js'
import { waitForStep, waitStates } from '../../async-steps.js'
import { redfishProperties, validateRedfish } from '../driver-info.js'
import type {
  FirmwareInterface,
  StepDefinition,
  StepKind,
  StepResult,
  InterfacePeriodic,
  Task,
} from '../../interfaces.js'
import { cacheFirmware } from './inventory.js'
import { readFirmwareSettings } from './settings.js'
import { beginUpdates, clearUpdates, updatesOf, watchUpdates } from './update.js'

async function update(task: Task, args: JsonObject): Promise<StepResult> {
  const updates = readFirmwareSettings(args['settings'])
  // Begun again after a crash: the BMC works on it already.
  if (updatesOf(task.node).length === 0) await beginUpdates(task, updates)
  return waitForStep(task, { reboot: updates[0]?.component !== 'bmc', polling: true })
}

const argsinfo = {
  settings: {
    description: 'A list of dicts with firmware components to be updated',
    required: true,
  },
}
const kinds: readonly StepKind[] = ['clean', 'deploy', 'service']
const steps: readonly StepDefinition[] = kinds.map((kind) => ({
  step: 'update',
  kind,
  priority: 0,
  abortable: false,
  argsinfo,
  run: update,
  ...(kind === 'deploy' ? {} : { requiresRamdisk: kind === 'clean' }),
}))

const progress: InterfacePeriodic = {
  name: 'firmware updates',
  interval: (config) => config.redfish.firmware_update_status_interval,
  states: waitStates,
  filter: (node) => updatesOf(node).length > 0,
  run: (_task, reserve) => reserve(watchUpdates),
}
/** What a flow that failed otherwise has left. */
const leftovers: InterfacePeriodic = {
  name: 'firmware updates of failed flows',
  interval: (config) => config.redfish.firmware_update_fail_interval,
  states: ['clean failed', 'deploy failed', 'service failed'],
  inMaintenance: true,
  filter: (node) => node.maintenance === true && updatesOf(node).length > 0,
  run: (_task, reserve) =>
    reserve(async (held) => {
      clearUpdates(held)
      await held.save()
    }),
}

/** Firmware by Redfish (`drivers/modules/redfish/firmware.py`). */
export const redfishFirmware: FirmwareInterface = {
  name: 'redfish',
  kind: 'firmware',
  properties: redfishProperties,
  steps,
  periodics: [progress, leftovers],
  validate: validateRedfish,
  cacheFirmwareComponents: cacheFirmware,
}
