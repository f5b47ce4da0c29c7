/** What a heartbeat means for the flow that waits for it (conductor.md 12.3, background). */
import type { Step } from '../drivers/interfaces.js'
import { failClean, cleanFlow, setCleanSteps } from './flows/clean.js'
import { deployFlow, failDeploy } from './flows/deploy.js'
import { continueFlow, stepsOf } from './flows/engine.js'
import { failRescue } from './flows/rescue.js'
import { failService, serviceFlow, setServiceSteps } from './flows/service.js'
import type { StepFlow } from './flows/types.js'
import { infoOf } from './internal-info.js'
import type { NodeTask } from './node-task.js'
import { errorText } from './text.js'

type Fail = (task: NodeTask, message: string) => Promise<void>

/** Goes on with what the node waits in. The task holds the reservation. */
export async function heartbeatFlow(task: NodeTask): Promise<void> {
  const { node } = task
  if (node.maintenance === true) return await inMaintenance(task)
  switch (node.provisionState) {
    case 'wait call-back':
      return await guarded(task, failDeploy, deploying)
    case 'clean wait':
      return await guarded(task, failClean, (t, say) =>
        stepping(t, cleanFlow, say, ['first cleaning step', 'cleaning progress'], () =>
          setCleanSteps(t, askedOf(t), false),
        ),
      )
    case 'service wait':
      return await guarded(task, failService, (t, say) =>
        stepping(t, serviceFlow, say, ['first service step', 'service progress'], () =>
          setServiceSteps(t, infoOf(t.node)['service_disable_ramdisk'] === true),
        ),
      )
    case 'rescue wait':
      return await guarded(task, failRescue, rescuing)
  }
}

/** What a user or a runbook asked to be cleaned; null: what the driver does by itself. */
const askedOf = (task: NodeTask): Step[] | null =>
  infoOf(task.node)['declarative_cleaning'] === true ? stepsOf(task, cleanFlow) : null

/** Keeps what is being tried, for the text of the error. */
type Say = (what: string) => void

/** Runs a flow's part; what it throws is the flow's failure. */
async function guarded(
  task: NodeTask,
  fail: Fail,
  run: (task: NodeTask, say: Say) => Promise<void>,
): Promise<void> {
  let what = 'Unexpected exception'
  try {
    await run(task, (w) => (what = w))
  } catch (error) {
    if (task.signal.aborted) throw error
    await fail(task, `${what}: ${errorText(error)}`)
  }
}

const touch = (task: NodeTask): void => {
  task.node.provisionUpdatedAt = task.ctx.clock.now()
}

/** Whether the driver itself watches the step, so that heartbeats must not advance it. */
const isPolled = (task: NodeTask, flow: StepFlow): boolean =>
  Boolean(infoOf(task.node)[`${flow.gerund}_polling`])

async function advance(task: NodeTask, flow: StepFlow): Promise<void> {
  if ((await task.driver.deploy.heartbeat?.(task)) === 'next') await continueFlow(task, flow)
}

async function deploying(task: NodeTask, say: Say): Promise<void> {
  const { deploy } = task.driver
  if (!infoOf(task.node)['agent_cached_deploy_steps']) {
    say('Failed to load in-band deploy steps')
    await deploy.refreshSteps?.(task, 'deploy')
  }
  touch(task)
  if (isPolled(task, deployFlow)) return
  say('Failed to process the next deploy step')
  await advance(task, deployFlow)
}

/** Cleaning and service: the first heartbeat makes the list of steps. */
async function stepping(
  task: NodeTask,
  flow: StepFlow,
  say: Say,
  [first, progress]: readonly [string, string],
  setSteps: () => Promise<unknown>,
): Promise<void> {
  touch(task)
  const step = task.node[flow.column]
  if (step === null || Object.keys(step).length === 0) {
    say(`Node failed to start the ${first}`)
    await task.driver.deploy.refreshSteps?.(task, flow.kind)
    await setSteps()
    return await continueFlow(task, flow)
  }
  if (isPolled(task, flow)) return
  say(`Node failed to check ${progress}`)
  await advance(task, flow)
}

async function rescuing(task: NodeTask, say: Say): Promise<void> {
  say('Node failed to perform rescue operation')
  if ((await task.driver.deploy.heartbeat?.(task)) !== 'next') return
  task.transition('resume')
  await task.driver.rescue.cleanUp(task)
  await task.driver.network.configureTenantNetworks(task)
  task.transition('done')
}

const aborted: Readonly<Record<string, readonly [string, Fail]>> = {
  'clean wait': ['Cleaning', failClean],
  'wait call-back': ['Deploy', failDeploy],
  'rescue wait': ['Rescue', failRescue],
  'service wait': ['Service', failService],
}

async function inMaintenance(task: NodeTask): Promise<void> {
  if (task.ctx.config.conductor.allow_provisioning_in_maintenance) return
  const [what, fail] = aborted[task.node.provisionState] ?? []
  if (fail !== undefined) await fail(task, `${what} aborted as node is in maintenance mode`)
}
