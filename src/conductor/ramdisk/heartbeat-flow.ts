/** What a heartbeat means for the flow that waits for it (docs/reference/conductor.md 12.3, background). */
import { errorText } from '../../error-text.js'
import { StepFailed } from '../../drivers/errors.js'
import type { Step } from '../../drivers/interfaces.js'
import { failClean, cleanFlow, setCleanSteps } from '../flows/clean.js'
import { deployFlow, failDeploy, failRunningDeploy } from '../flows/deploy.js'
import { continueFlow, stepsOf } from '../flows/engine.js'
import { failRescue } from '../flows/rescue.js'
import { failService, serviceFlow, setServiceSteps } from '../flows/service.js'
import type { StepFlow } from '../flows/types.js'
import { infoOf } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'

/** @param step it is a step of the ramdisk that failed, and the text says all */
type Fail = (task: NodeTask, message: string, step?: boolean) => Promise<void>

/** Goes on with what the node waits in. The task holds the reservation. */
export async function heartbeatFlow(task: NodeTask): Promise<void> {
  const { node } = task
  if (node.maintenance === true) return await inMaintenance(task)
  switch (node.provisionState) {
    case 'wait call-back':
      return await guarded(task, deployFailed, deploying)
    case 'clean wait':
      return await guarded(task, cleanFailed, (t, say) =>
        stepping(t, cleanFlow, say, ['first cleaning step', 'cleaning progress'], () =>
          setCleanSteps(t, askedOf(t), false),
        ),
      )
    case 'service wait':
      return await guarded(task, serviceFailed, (t, say) =>
        stepping(t, serviceFlow, say, ['first service step', 'service progress'], () =>
          setServiceSteps(t, infoOf(t.node)['service_disable_ramdisk'] === true),
        ),
      )
    case 'rescue wait':
      return await guarded(task, (t, message) => failRescue(t, message), rescuing)
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
    const step = error instanceof StepFailed
    await fail(task, step ? error.message : `${what}: ${errorText(error)}`, step)
  }
}

/** The machine's own boot is cleaned up where a step of its ramdisk failed, as upstream does. */
const deployFailed: Fail = (task, message, step) =>
  failRunningDeploy(task, message, { tearDown: step === true })

const cleanFailed: Fail = async (task, message, step) => {
  if (step) await task.driver.deploy.collectLogs?.(task, 'cleaning')
  await failClean(task, message)
}
const serviceFailed: Fail = async (task, message, step) => {
  if (step) await task.driver.deploy.collectLogs?.(task, 'servicing')
  await failService(task, message)
}

const touch = (task: NodeTask): void => {
  task.node.provisionUpdatedAt = task.ctx.clock.now()
}

/** Whether the driver itself watches the step, so that heartbeats must not advance it. */
const isPolled = (task: NodeTask, flow: StepFlow): boolean =>
  Boolean(infoOf(task.node)[`${flow.gerund}_polling`])

/** @param again puts the list of steps together anew */
async function advance(
  task: NodeTask,
  flow: StepFlow,
  again: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const told = (await task.driver.deploy.heartbeat?.(task)) ?? 'wait'
  if (told === 'wait') return
  if (told === 'restart') await again()
  await continueFlow(task, flow)
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
  await advance(task, flow, setSteps)
}

async function rescuing(task: NodeTask, say: Say): Promise<void> {
  say('Node failed to perform rescue operation')
  if ((await task.driver.deploy.heartbeat?.(task)) !== 'next') return
  task.transition('resume')
  await task.driver.rescue.cleanUp(task)
  await task.driver.network.configureTenantNetworks(task)
  task.transition('done')
}

type Aborts = (task: NodeTask, message: string) => Promise<void>

const aborted: Readonly<Record<string, readonly [string, Aborts]>> = {
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
