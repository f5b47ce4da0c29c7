import { errorText } from '../../../error-text.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import { memberPaths } from '../../../protocols/redfish/resources/collection.js'
import { managersOf } from '../../../protocols/redfish/resources/manager.js'
import { readRoot } from '../../../protocols/redfish/resources/service-root.js'
import { simpleUpdate } from '../../../protocols/redfish/resources/update-service.js'
import { readTask, type TaskReport } from '../../../protocols/redfish/tasks.js'
import { waitForStep } from '../../async-steps.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import type { FlowControl, Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { RedfishConnectionError, RedfishError } from '../errors.js'
import { cacheFirmware } from './inventory.js'
import type { FirmwareUpdate } from './settings.js'

/**
 * Updating firmware, one part after the other (`drivers/modules/redfish/firmware.py`). All that is
 * known stands in `driver_internal_info`; each look at the machine goes on from there.
 */

const updatesKey = 'redfish_fw_updates'
const startKey = 'redfish_fw_update_start_time'

export const updatesOf = (node: Pick<Task['node'], 'driverInternalInfo'>): FirmwareUpdate[] => {
  const list = node.driverInternalInfo?.[updatesKey]
  return Array.isArray(list) ? (list as FirmwareUpdate[]) : []
}
export const clearUpdates = (task: Task): void => dropInfo(task.node, [updatesKey, startKey])

const nowText = (task: Task): string => task.ctx.clock.now().toISOString()
const secondsSince = (task: Task, at: unknown): number =>
  typeof at === 'string' ? (task.ctx.clock.now().getTime() - Date.parse(at)) / 1000 : 0

function keep(task: Task, updates: readonly FirmwareUpdate[]): void {
  setInfo(task.node, { [updatesKey]: updates })
}
/** Notes something about the update that is under way. */
function note(task: Task, what: Partial<FirmwareUpdate>): void {
  const [first, ...rest] = updatesOf(task.node)
  if (first !== undefined) keep(task, [{ ...first, ...what }, ...rest])
}

/** Begins the first of the updates. @throws RedfishError, RedfishConnectionError */
export async function beginUpdates(task: Task, updates: readonly FirmwareUpdate[]): Promise<void> {
  const [first, ...rest] = updates
  if (first === undefined) return
  const begun = await withBmc(task, (bmc) => submit(bmc, first))
  keep(task, [begun, ...rest])
  if (infoOf(task.node)[startKey] === undefined) setInfo(task.node, { [startKey]: nowText(task) })
  waitForStep(task, { reboot: first.component !== 'bmc', polling: true })
  await task.save()
}

async function submit(bmc: Bmc, update: FirmwareUpdate): Promise<FirmwareUpdate> {
  const system = await bmc.system()
  const { systems } = await readRoot(bmc.talk)
  const several = systems !== null && (await memberPaths(bmc.talk, systems)).length > 1
  const { path } = system.document
  const before = update.component === 'bmc' ? { version_before: await bmcVersion(bmc) } : {}
  const monitor = await simpleUpdate(bmc.talk, update.url, path, several ? [path] : null)
  return { ...update, ...before, task_monitor: monitor }
}

async function bmcVersion(bmc: Bmc): Promise<string | null> {
  try {
    const [manager] = await managersOf(bmc.talk, await bmc.system())
    return manager?.firmwareVersion ?? null
  } catch (error) {
    if (error instanceof BmcError || error instanceof RedfishError) return null
    if (error instanceof RedfishConnectionError) return null
    throw error
  }
}

/** Looks how far the updates are, and does what comes next. The node is reserved. */
export async function watchUpdates(task: Task, flow: FlowControl): Promise<void> {
  const [update] = updatesOf(task.node)
  if (update === undefined) return
  task.node.provisionUpdatedAt = task.ctx.clock.now()
  const limit = task.ctx.config.redfish.firmware_update_overall_timeout
  const elapsed = secondsSince(task, infoOf(task.node)[startKey])
  if (limit > 0 && elapsed >= limit) {
    clearUpdates(task)
    return await flow.fail(
      `Firmware update on node ${task.node.uuid} has exceeded the overall timeout of ${limit} seconds. Elapsed time: ${Math.trunc(elapsed)} seconds.`,
    )
  }
  try {
    await look(task, flow, update)
  } catch (error) {
    if (error instanceof RedfishConnectionError) return
    if (!(error instanceof RedfishError)) throw error
    clearUpdates(task)
    await flow.fail(errorText(error))
  }
}

async function look(task: Task, flow: FlowControl, update: FirmwareUpdate): Promise<void> {
  if (update.since !== undefined) return await afterwards(task, flow, update)
  const report = await withBmc(task, (bmc) => readTask(bmc.talk, update.task_monitor ?? ''))
  switch (report.phase) {
    case 'unknown':
      return
    case 'running':
      return await meanwhile(task, update, report)
    case 'failed':
      clearUpdates(task)
      return await flow.fail(
        `Firmware update failed for node ${task.node.uuid}, firmware ${update.url}. Error: ${report.messages.join(',  ')}`,
      )
    case 'done':
    case 'gone':
      if (update.component !== 'bmc') await restartOnce(task, update)
      note(task, { since: nowText(task) })
      return await afterwards(task, flow, updatesOf(task.node)[0] ?? update)
    default:
      throw new Error(report.phase satisfies never)
  }
}

/** The BIOS takes its image during a start; some NICs begin only then. */
async function meanwhile(task: Task, update: FirmwareUpdate, report: TaskReport): Promise<void> {
  if (update.component === 'bios') return await restartOnce(task, update)
  if (!update.component.startsWith('nic:') || report.state !== 'Starting') return
  if (update.starting_since === undefined) return note(task, { starting_since: nowText(task) })
  const patience = task.ctx.config.redfish.firmware_update_nic_starting_wait
  if (secondsSince(task, update.starting_since) >= patience) await restartOnce(task, update)
}

async function restartOnce(task: Task, update: FirmwareUpdate): Promise<void> {
  if (update.rebooted === true) return
  note(task, { rebooted: true })
  await task.save()
  await task.powerAction('rebooting', task.ctx.config.redfish.firmware_update_reboot_delay)
}

/** The task is over: what was asked to be waited for, then the next update or the end. */
async function afterwards(task: Task, flow: FlowControl, update: FirmwareUpdate): Promise<void> {
  const { redfish } = task.ctx.config
  const elapsed = secondsSince(task, update.since)
  if (update.component === 'bmc') {
    const now = await withBmc(task, bmcVersion)
    const changed = now !== null && update.version_before !== null && now !== update.version_before
    const patience = update.wait ?? redfish.firmware_update_reboot_delay
    if (!changed && elapsed < patience) return
    const more = updatesOf(task.node).length > 1
    if ((changed && more) || (!changed && now === null)) await restartOnce(task, update)
  } else if (elapsed < (update.wait ?? 0)) return
  await untilStable(task)
  const [, ...rest] = updatesOf(task.node)
  if (rest.length > 0) return await beginUpdates(task, rest)
  clearUpdates(task)
  await refresh(task)
  await flow.resume()
}

async function refresh(task: Task): Promise<void> {
  try {
    await cacheFirmware(task)
  } catch (error) {
    task.signal.throwIfAborted()
    task.ctx.log.bmc.warn(
      { error, node: task.node.uuid },
      'the versions after the update are not known',
    )
  }
}

/** A BMC that was updated may answer and go away again. @throws RedfishError */
async function untilStable(task: Task): Promise<void> {
  const {
    firmware_update_required_successes: needed,
    firmware_update_resource_validation_timeout: limit,
    firmware_update_validation_interval: interval,
  } = task.ctx.config.redfish
  if (needed === 0 || limit === 0) return
  let last = ''
  for (let slept = 0, inRow = 0; ; slept += Math.max(interval, 1)) {
    const fault = await unstable(task)
    inRow = fault === null ? inRow + 1 : 0
    last = fault === null ? last : `, last error: ${fault}`
    if (inRow >= needed) return
    if (slept >= limit) {
      throw new RedfishError(
        `BMC resources failed to stabilize within ${limit} seconds for node ${task.node.uuid}${last}`,
      )
    }
    await task.ctx.clock.sleep(interval * 1000, task.signal)
  }
}

async function unstable(task: Task): Promise<string | null> {
  try {
    await withBmc(task, async (bmc) => managersOf(bmc.talk, await bmc.system()))
    return null
  } catch (error) {
    if (error instanceof RedfishError || error instanceof RedfishConnectionError) {
      return error.message
    }
    throw error
  }
}
