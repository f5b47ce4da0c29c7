import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { waitStates } from '../../async-steps.js'
import { isTruthy } from '../../driver-info/fields.js'
import { redfishProperties } from '../driver-info.js'
import type {
  RaidInterface,
  StepDefinition,
  StepKind,
  StepResult,
  InterfacePeriodic,
  Task,
} from '../../interfaces.js'
import { forget, proceed, watchRaid } from './progress.js'
import { beginCreationOf, logicalDisksOf } from './request.js'
import { beginDeletion, clearWork, workOf } from './work.js'
import { genericRaid } from '../../raid/generic.js'
import { logicalDiskProperties } from '../../raid/schema.js'

/** Begins unless that was done before a crash, then goes on. */
async function run(task: Task, begin: () => Promise<void>): Promise<StepResult> {
  try {
    if (workOf(task.node) === null) await begin()
    return await proceed(task)
  } catch (error) {
    task.signal.throwIfAborted()
    clearWork(task)
    await task.save()
    throw error
  }
}

function create(task: Task, given: JsonObject, defaults: JsonObject): Promise<StepResult> {
  const args = { ...defaults, ...given }
  return run(task, async () => {
    logicalDisksOf(task)
    if (isTruthy(args['delete_existing'])) await beginDeletion(task, args)
    else await beginCreationOf(task, args)
  })
}

const cleanDefaults = { create_root_volume: true, create_nonroot_volumes: true }
const applyDefaults = { create_root_volume: true, create_nonroot_volumes: false }

async function apply(
  task: Task,
  { raid_config: config, ...args }: JsonObject,
): Promise<StepResult> {
  await redfishRaid.validateRaidConfig(task, config as JsonObject)
  task.node.targetRaidConfig = config as JsonObject
  await task.save()
  return await create(task, args, applyDefaults)
}

const optional = (description: string) => ({ description, required: false })
const choices = {
  create_root_volume: optional('Whether to create the root volume. Defaults to `True`.'),
  delete_existing: optional(
    'Whether to delete the existing RAID configuration before the new one is created. Defaults to `False`.',
  ),
}
const createArguments = {
  ...choices,
  create_nonroot_volumes: optional('Whether to create the non-root volumes. Defaults to `True`.'),
}
const applyArguments = {
  raid_config: { description: 'The RAID configuration to apply.', required: true },
  ...choices,
  create_nonroot_volumes: optional('Whether to create the non-root volumes. Defaults to `False`.'),
}

type Work = Pick<StepDefinition, 'step' | 'argsinfo' | 'run'>
export const deletion: Work = {
  step: 'delete_configuration',
  argsinfo: null,
  run: (task) => run(task, () => beginDeletion(task, null)),
}
export const application: Work = {
  step: 'apply_configuration',
  argsinfo: applyArguments,
  run: apply,
}
export const creation: Work = {
  step: 'create_configuration',
  argsinfo: createArguments,
  run: (task, args) => create(task, args, cleanDefaults),
}
/** A step of several kinds, never run unless asked for. */
export const of = (work: Work, ...kinds: readonly StepKind[]): StepDefinition[] =>
  kinds.map((kind) => ({ ...work, kind, priority: 0 }))

const tasks: InterfacePeriodic = {
  name: 'RAID tasks',
  interval: (config) => config.redfish.raid_config_status_interval,
  states: waitStates,
  filter: (node) => workOf(node) !== null,
  run: (_task, reserve) => reserve(watchRaid),
}
/** What a flow that failed otherwise has left. */
const leftovers: InterfacePeriodic = {
  name: 'RAID tasks of failed flows',
  interval: (config) => config.redfish.raid_config_fail_interval,
  states: ['clean failed', 'deploy failed', 'service failed'],
  inMaintenance: true,
  filter: (node) => node.maintenance === true && workOf(node) !== null,
  run: (_task, reserve) => reserve(forget),
}

/** RAID by Redfish (`drivers/modules/redfish/raid.py`). */
export const redfishRaid: RaidInterface = {
  name: 'redfish',
  kind: 'raid',
  properties: redfishProperties,
  logicalDiskProperties,
  steps: [
    { ...creation, kind: 'clean', priority: 0, abortable: false },
    ...of(application, 'deploy', 'service'),
    ...of(deletion, 'clean', 'deploy', 'service'),
  ],
  periodics: [tasks, leftovers],
  async validateRaidConfig(task, config) {
    await genericRaid.validateRaidConfig(task, config)
    const disks = config['logical_disks'] as JsonObject[]
    if (disks.some((disk) => disk['interface_type'] === 'scsi')) {
      throw new InvalidParameterValue('interface type `scsi` not supported by Redfish RAID')
    }
  },
  async validate(task) {
    const target = task.node.targetRaidConfig
    if (isTruthy(target)) await redfishRaid.validateRaidConfig(task, target ?? {})
  },
}
