import type { JsonObject } from '../../../db/columns.js'
import type { NodeRow } from '../../../db/rows.js'
import { UnsupportedDriverExtension } from '../../../errors.js'
import { BmcError, MissingAttribute } from '../../../protocols/redfish/errors.js'
import type { Json } from '../../../protocols/redfish/json.js'
import {
  pendingAttributes,
  readBios,
  resetBios,
  setAttributes,
  type Bios,
} from '../../../protocols/redfish/resources/bios.js'
import { pythonRepr } from '../../../python/repr.js'
import { rebootToFinishStep } from '../../agent/boot.js'
import { waitForStep, waitStates, withoutRamdisk } from '../../async-steps.js'
import { redfishProperties, validateRedfish } from '../driver-info.js'
import { StepFailed } from '../../errors.js'
import type {
  BiosInterface,
  StepDefinition,
  StepKind,
  StepResult,
  InterfacePeriodic,
  Task,
} from '../../interfaces.js'
import { dropInfo, setInfo } from '../../internal-info.js'
import { cacheBiosSettings, wantedAttributes } from './settings.js'
import { withBmc, type Bmc } from '../bmc.js'
import { RedfishError } from '../errors.js'

/** What a step has asked for and the reboot shall bring, in `driver_internal_info`. */
const stateKey = 'redfish_bios_state'
interface Pending {
  readonly reboot_requested?: boolean
  readonly requested_bios_attrs?: JsonObject
  /** Absent after a crash that came before the reboot: it is done then. */
  readonly rebooted?: boolean
}
const pendingOf = (node: Pick<NodeRow, 'driverInternalInfo'>): Pending =>
  node.driverInternalInfo?.[stateKey] ?? {}

const started = new Set(['OSBootStarted', 'OSRunning'])

async function biosOf(bmc: Bmc): Promise<Bios> {
  try {
    return await readBios(bmc.talk, await bmc.system())
  } catch (error) {
    if (!(error instanceof MissingAttribute)) throw error
    throw new RedfishError(
      `Redfish BIOS factory reset failed for node ${bmc.task.node.uuid}, because BIOS settings are not supported.`,
    )
  }
}

async function applyConfiguration(task: Task, args: JsonObject): Promise<StepResult> {
  const { uuid } = task.node
  const pending = pendingOf(task.node)
  if (pending.reboot_requested === true) return await verify(task, pending)
  const attributes = await wantedAttributes(task, args['settings'])
  const asked = await withBmc(
    task,
    async (bmc) => {
      const bios = await biosOf(bmc)
      if (await areSet(bmc, bios, attributes)) return false
      await setAttributes(bmc.talk, bios, attributes)
      return true
    },
    (reason) => `Redfish BIOS apply configuration failed for node ${uuid}. Error: ${reason}`,
  )
  return asked ? await rebootFor(task, attributes) : undefined
}

async function areSet(bmc: Bmc, bios: Bios, wanted: JsonObject): Promise<boolean> {
  const pending = await pendingOrNone(bmc, bios)
  return Object.entries(wanted).every(
    ([name, value]) =>
      bios.attributes[name] === value && (!(name in pending) || pending[name] === value),
  )
}

async function pendingOrNone(bmc: Bmc, bios: Bios): Promise<Json> {
  try {
    return await pendingAttributes(bmc.talk, bios)
  } catch (error) {
    if (error instanceof BmcError) return {}
    throw error
  }
}

/** The step's second run, after the reboot. */
async function verify(task: Task, pending: Pending): Promise<StepResult> {
  const wanted = pending.requested_bios_attrs ?? {}
  const missing = await withBmc(task, async (bmc) => unapplied(bmc, await biosOf(bmc), wanted))
  const some = Object.keys(missing).length > 0
  if (some && pending.rebooted !== true) return await rebootFor(task, wanted)
  dropInfo(task.node, [stateKey])
  await task.save()
  if (some) {
    throw new StepFailed(
      `Redfish BIOS apply_configuration step failed. Attributes ${pythonRepr(missing)} are not updated.`,
    )
  }
  return undefined
}

/**
 * What was asked for and is not so. Some services show only changes as pending and must have none
 * left (Dell), others always show all that can be written (HPE, Lenovo).
 */
async function unapplied(bmc: Bmc, bios: Bios, wanted: JsonObject): Promise<JsonObject> {
  const pending = await pendingOrNone(bmc, bios)
  const onlyChanges = Object.keys(pending).length <= Object.keys(wanted).length
  const missing = Object.entries(wanted).filter(
    ([name, value]) => bios.attributes[name] !== value || (onlyChanges && name in pending),
  )
  return Object.fromEntries(missing)
}

async function factoryReset(task: Task): Promise<StepResult> {
  if (pendingOf(task.node).reboot_requested === true) {
    dropInfo(task.node, [stateKey])
    await task.save()
    return undefined
  }
  await withBmc(
    task,
    async (bmc) => resetBios(bmc.talk, await biosOf(bmc)),
    (reason) => `Redfish BIOS factory reset failed for node ${task.node.uuid}. Error: ${reason}`,
  )
  return await rebootFor(task, null)
}

/** The firmware takes settings up while the machine starts; then the step is run once more. */
async function rebootFor(task: Task, attributes: JsonObject | null): Promise<StepResult> {
  const requested = attributes === null ? {} : { requested_bios_attrs: attributes }
  const state: Pending = { reboot_requested: true, ...requested }
  setInfo(task.node, { [stateKey]: state })
  const wait = waitForStep(task, {
    reboot: true,
    skipCurrentStep: false,
    polling: withoutRamdisk(task),
  })
  await task.save()
  await rebootToFinishStep(task)
  setInfo(task.node, { [stateKey]: { ...state, rebooted: true } })
  return wait
}

/** Afterwards the stored settings are what the machine has. */
const caching =
  (run: StepDefinition['run']): StepDefinition['run'] =>
  async (task, args) => {
    const result = await run(task, args)
    try {
      await cacheBiosSettings(task)
    } catch (error) {
      task.signal.throwIfAborted()
      if (!(error instanceof UnsupportedDriverExtension)) {
        task.ctx.log.bmc.warn(
          { error, node: task.node.uuid },
          'the BIOS settings could not be read',
        )
      }
    }
    return result
  }

const kinds: readonly StepKind[] = ['clean', 'deploy', 'service']
const step = (
  name: string,
  run: StepDefinition['run'],
  argsinfo: NonNullable<StepDefinition['argsinfo']> | null,
): StepDefinition[] =>
  kinds.map((kind) => ({
    step: name,
    kind,
    priority: 0,
    argsinfo,
    run: caching(run),
    ...(kind === 'deploy' ? {} : { requiresRamdisk: false }),
  }))

/** Watches machines that reboot to take settings up (upstream: _query_bios_apply_status). */
const rebooted: InterfacePeriodic = {
  name: 'settings taken up',
  interval: (config) => config.redfish.firmware_update_status_interval,
  states: waitStates,
  filter: (node) => pendingOf(node).reboot_requested === true,
  async run(task, reserve) {
    if (!(await isUp(task))) return
    await reserve(async (_held, flow) => await flow.resume())
  },
}

async function isUp(task: Task): Promise<boolean> {
  return await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    if (system.bootProgress !== null && !started.has(system.bootProgress)) return false
    const wanted = pendingOf(task.node).requested_bios_attrs ?? {}
    return Object.keys(await unapplied(bmc, await biosOf(bmc), wanted)).length === 0
  })
}

const settingsArgument = {
  settings: { description: 'A list of BIOS settings to be applied', required: true },
}

/** BIOS settings by Redfish (`drivers/modules/redfish/bios.py`). */
export const redfishBios: BiosInterface = {
  name: 'redfish',
  kind: 'bios',
  properties: redfishProperties,
  steps: [
    ...step('apply_configuration', applyConfiguration, settingsArgument),
    ...step('factory_reset', factoryReset, null),
  ],
  periodics: [rebooted],
  validate: validateRedfish,
  cacheBiosSettings,
}
export const idracBios: BiosInterface = { ...redfishBios, name: 'idrac-redfish' }
