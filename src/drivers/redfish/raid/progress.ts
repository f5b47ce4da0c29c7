import { errorText } from '../../../error-text.js'
import { readTask, type TaskReport } from '../../../protocols/redfish/tasks.js'
import { rebootToFinishStep } from '../../agent/boot.js'
import { waitForStep } from '../../async-steps.js'
import type { StepResult, FlowControl, Task } from '../../interfaces.js'
import { noteRaid } from '../../raid/update.js'
import { withBmc } from '../bmc.js'
import { RedfishConnectionError, RedfishError } from '../errors.js'
import { arraysOf, logicalDisks } from './arrays.js'
import { beginCreationOf } from './request.js'
import { clearWork, keepWork, noteEnd, submit, workOf } from './work.js'

/** Goes on with what was begun, within a step. @returns nothing when all is done */
export async function proceed(task: Task): Promise<StepResult> {
  if (await advance(task)) return undefined
  const restart = workOf(task.node)?.restart === true
  const wait = waitForStep(task, { reboot: restart, skipCurrentStep: true, polling: true })
  await task.save()
  await restartOnce(task)
  return wait
}

/** Asks for what comes next until the BMC is busy. @returns whether all is done */
async function advance(task: Task): Promise<boolean> {
  if ((workOf(task.node)?.task_monitor_uri.length ?? 0) > 0) return false
  if (!(await submit(task))) return false
  const then = workOf(task.node)?.then ?? null
  if (then === null) {
    await finish(task)
    return true
  }
  await beginCreationOf(task, then)
  return await advance(task)
}

async function finish(task: Task): Promise<void> {
  await refreshRaid(task)
  clearWork(task)
  await task.save()
}

/** Makes `raid_config` what the machine has now. @throws RedfishError, RedfishConnectionError */
export async function refreshRaid(task: Task): Promise<void> {
  const disks = await withBmc(task, async (bmc) => logicalDisks(await arraysOf(bmc)))
  noteRaid(task, { logical_disks: disks })
}

async function restartOnce(task: Task): Promise<void> {
  if (workOf(task.node)?.restart !== true) return
  await rebootToFinishStep(task)
  await keepWork(task, { restart: false })
}

/** Looks how far the BMC is, and does what comes next. The node is reserved. */
export async function watchRaid(task: Task, flow: FlowControl): Promise<void> {
  try {
    await look(task, flow)
  } catch (error) {
    if (error instanceof RedfishConnectionError) return
    if (!(error instanceof RedfishError)) throw error
    clearWork(task)
    await flow.fail(errorText(error))
  }
}

async function look(task: Task, flow: FlowControl): Promise<void> {
  const fault = await readTasks(task)
  if (fault !== null) {
    await forget(task)
    return await flow.fail(`Failed RAID configuration tasks: ${fault}`)
  }
  if (await advance(task)) return await flow.resume()
  await restartOnce(task)
}

/** Forgets the tasks that are over. @returns what those say that failed */
async function readTasks(task: Task): Promise<string | null> {
  const monitors = workOf(task.node)?.task_monitor_uri ?? []
  const reports = new Map<string, TaskReport>()
  await withBmc(task, async ({ talk }) => {
    for (const monitor of monitors) reports.set(monitor, await readTask(talk, monitor))
  })
  const failed = [...reports].filter(([, report]) => report.phase === 'failed')
  if (failed.length > 0) return failed.map(failureText).join(', ')
  const running = monitors.filter((monitor) => isOpen(reports.get(monitor)?.phase))
  if (running.length > 0) await keepWork(task, { task_monitor_uri: running })
  else if (monitors.length > 0) await noteEnd(task, await withBmc(task, arraysOf))
  return null
}

const isOpen = (phase: TaskReport['phase'] | undefined): boolean =>
  phase === 'running' || phase === 'unknown'

const failureText = ([monitor, report]: readonly [string, TaskReport]): string =>
  `Task ${monitor}. Message: '${report.messages.join(', ')}'.`

/** What is known of the work of a flow that failed otherwise is of no use any more. */
export async function forget(task: Task): Promise<void> {
  clearWork(task)
  try {
    await refreshRaid(task)
  } catch (error) {
    task.signal.throwIfAborted()
    task.ctx.log.bmc.warn({ error, node: task.node.uuid }, 'the RAID there is now is not known')
  }
  await task.save()
}
