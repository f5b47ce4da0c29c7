import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'
import { Invalid, NodeInMaintenance, NodeProtected } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { validateInstanceTraits } from '../node/instance-traits.js'
import { dropInfo, setInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import type { NodeIdent } from '../lock/reservation.js'
import { refuseDisallowed, tidySteps } from '../steps/validate.js'
import { validateDeploySteps } from '../steps/templates.js'
import { withNode } from '../node/with-node.js'
import { refuseUnless } from './accept.js'
import { BootModeNotAllowed, InstanceDeployFailure } from './errors.js'
import { isGlanceImage, noteImageType } from './image-type.js'
import { checkConcurrency } from './limits.js'

export interface DeployOptions {
  readonly rebuild?: boolean
  readonly configdrive?: JsonObject | string | null
  readonly deploySteps?: readonly Step[] | null
}

/**
 * Accepts a deployment or a rebuild (docs/reference/conductor.md 5, a to k).
 * @throws ConcurrentActionLimit, NodeInMaintenance, NodeProtected, InvalidStateRequested,
 *   BootModeNotAllowed, Invalid (a forbidden step), InstanceDeployFailure, NodeLocked
 */
export async function deploy(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  options: DeployOptions,
): Promise<void> {
  await checkConcurrency(ctx, 'provisioning')
  const event = options.rebuild ? 'rebuild' : 'deploy'
  const deploySteps = options.deploySteps ? tidySteps(options.deploySteps) : null
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: 'node deployment', priority: 'verb' },
    async (task) => {
      const { node } = task
      if (node.maintenance) throw new NodeInMaintenance('provisioning', node.uuid)
      if (options.rebuild && node.protected) throw new NodeProtected(node.uuid)
      refuseUnless(task, event)
      checkBootMode(task)
      if (deploySteps !== null) refuseDisallowed(task, 'deploy', deploySteps)
      prepareInstance(task, options.rebuild === true)
      await validate(task, deploySteps)
      task.transition(event, { callback: true })
      dropInfo(node, ['deploy_step_index'])
      await task.spawn('deploy', { configdrive: options.configdrive ?? null, deploySteps })
    },
  )
}

function checkBootMode(task: NodeTask): void {
  const forbidden = task.ctx.config.conductor.disallowed_deployment_boot_modes
  const given = task.node.properties?.['boot_mode']
  const mode = typeof given === 'string' ? given.toLowerCase() : ''
  if (forbidden.includes(mode.trim())) throw new BootModeNotAllowed(mode, 'provisioning')
}

const glanceKeys = new Set(['kernel', 'ramdisk', 'boot_iso', 'original_image_source'])

function prepareInstance(task: NodeTask, rebuild: boolean): void {
  const { node } = task
  const source = node.instanceInfo?.['image_source']
  if (rebuild) {
    if (isGlanceImage(source)) {
      const kept = Object.entries(node.instanceInfo ?? {}).filter(([key]) => !glanceKeys.has(key))
      node.instanceInfo = Object.fromEntries(kept)
    }
  } else applyLessee(task)
  noteImageType(node)
}

/** An instance's project becomes the lessee for as long as the instance lives. */
function applyLessee(task: NodeTask): void {
  const { automatic_lessee: wanted, automatic_lessee_source: source } = task.ctx.config.conductor
  const given =
    source === 'instance' ? task.node.instanceInfo?.['project_id'] : task.caller.projectId
  if (!wanted || source === 'none' || typeof given !== 'string' || given === '') return
  if (task.node.lessee !== null) return
  task.node.lessee = given
  setInfo(task.node, { automatic_lessee: true })
}

async function validate(task: NodeTask, steps: readonly Step[] | null): Promise<void> {
  try {
    await task.driver.deploy.switchInterface?.(task)
    await task.driver.power.validate(task)
    await task.driver.deploy.validate(task)
    await validateInstanceTraits(task)
    await validateDeploySteps(task, steps, true)
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    throw new InstanceDeployFailure(
      `Failed to validate deploy or power info for node ${task.node.uuid}: ${error.message}`,
      error.status,
      error,
    )
  }
}
