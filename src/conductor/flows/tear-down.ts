import { sql } from 'drizzle-orm'
import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import { dropInfo, infoOf, wipeDeployInfo } from '../node/internal-info.js'
import { isActionable } from '../state/machine.js'
import type { NodeTask } from '../node/task.js'
import { automatedSteps } from '../steps/runbook.js'
import { runClean, type CleanArgs } from './clean.js'
import { forgetConfigDrive } from './config-drive.js'
import { abortedText } from './deploy.js'

/** Takes an instance off its machine, then cleans (docs/reference/conductor.md 6). */

const rescueStates = new Set(['rescue wait', 'rescue', 'unrescue failed', 'rescue failed'])
const instanceKeys = [
  'instance',
  'root_uuid_or_disk_id',
  'is_whole_disk_image',
  'is_source_a_path',
  'deploy_boot_mode',
]

/**
 * Begins again from the start until the node is cleaning; from there cleaning goes on. A deployment
 * that was aborted in hold stays in deploy failed (upstream fails on the event `clean` there).
 */
export async function runTearDown(task: NodeTask, args: JsonObject): Promise<void> {
  if (task.node.provisionState === 'deleting' || task.node.provisionState === 'deploy failed') {
    if (!(await removeInstance(task, typeof args['from'] === 'string' ? args['from'] : ''))) return
  }
  if (task.node.provisionState === 'deploy failed') {
    task.node.lastError = abortedText('deploy', null)
    return
  }
  const { steps, disableRamdisk } = await automatedSteps(task)
  const clean: CleanArgs = { steps, disableRamdisk, manual: false }
  if (task.node.provisionState !== 'cleaning') task.transition('clean')
  await runClean(task, clean)
}

async function removeInstance(task: NodeTask, from: string): Promise<boolean> {
  const stopped = await stopInstance(task, from)
  const forgotten = await forgetInstance(task)
  const error = stopped ?? forgotten
  if (error === null) return true
  const { node } = task
  task.recordError(`Failed to tear down: ${errorText(error)}`, 'unprovision')
  if (isActionable(node.provisionState, 'fail')) task.transition('fail')
  return false
}

/** @returns what the driver threw, or null */
async function stopInstance(task: NodeTask, from: string): Promise<unknown> {
  const { driver, node } = task
  try {
    if (rescueStates.has(from)) await driver.rescue.cleanUp(task)
    if (node.consoleEnabled) await driver.console.stopConsole(task)
    await driver.deploy.switchInterface?.(task)
    // The driver is read again because the deploy interface may be another one now.
    await task.driver.deploy.cleanUp(task)
    await task.driver.deploy.tearDown(task)
    return null
  } catch (error) {
    if (task.signal.aborted) throw error
    task.ctx.log.conductor.error({ error, node: node.uuid }, 'tear-down failed')
    return error
  }
}

/** Wipes what belonged to the instance, whatever happened. @returns what a VIF threw, or null */
async function forgetInstance(task: NodeTask): Promise<unknown> {
  const { node } = task
  await forgetConfigDrive(task)
  Object.assign(node, { instanceInfo: {}, instanceUuid: null, instanceName: null })
  wipeDeployInfo(task)
  dropInfo(node, instanceKeys)
  if (infoOf(node)['automatic_lessee']) {
    node.lessee = null
    dropInfo(node, ['automatic_lessee'])
  }
  try {
    await detachVifs(task)
  } catch (error) {
    if (task.signal.aborted) throw error
    return error
  }
  await removeAllocation(task)
  return null
}

async function detachVifs(task: NodeTask): Promise<void> {
  const { network } = task.driver
  for (const { id } of await network.vifList(task)) await network.vifDetach(task, id)
}

async function removeAllocation(task: NodeTask): Promise<void> {
  const id = task.node.allocationId
  if (id === null) return
  task.node.allocationId = null
  await task.save()
  await task.ctx.db.orm.execute(sql`delete from allocations where id = ${id}`)
}
