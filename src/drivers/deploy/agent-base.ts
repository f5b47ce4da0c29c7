import { eq } from 'drizzle-orm'
import { volumeTargets } from '../../db/schema/index.js'
import { agentProgress } from '../agent/progress.js'
import {
  prepareInbandCleaning,
  prepareInbandService,
  tearDownInbandCleaning,
  tearDownInbandService,
} from '../agent/boot.js'
import { collectRamdiskLogs } from '../agent/logs.js'
import { finalizeRescue } from '../agent/rescue.js'
import { agentSteps, executeAgentStep, refreshAgentSteps } from '../agent/steps.js'
import { dropInfo } from '../internal-info.js'
import type { DeployInterface, Step, Task } from '../interfaces.js'
import { nothing } from '../support.js'

/** What every deployment by an agent does (`drivers/modules/agent_base.py`, AgentBaseMixin). */
type AgentBase = Omit<DeployInterface, 'name' | 'properties' | 'validate' | 'prepare' | 'steps'>

const managesBoot = (task: Task): boolean => task.ctx.config.agent.manage_agent_boot

/** Steps of the agent for an interface, with the operator's priorities. */
function cleanSteps(task: Task): Step[] {
  const { deploy } = task.ctx.config
  return agentSteps(task, 'clean', 'deploy', {
    erase_devices: deploy.erase_devices_priority,
    erase_devices_metadata: deploy.erase_devices_metadata_priority,
  })
}

/** Volumes are given up with the instance they were for. */
async function forgetVolumes(task: Task): Promise<void> {
  await task.driver.storage.detachVolumes(task)
  const { orm } = task.ctx.db
  await orm.delete(volumeTargets).where(eq(volumeTargets.nodeId, task.node.id))
  dropInfo(task.node, ['boot_from_volume', 'boot_from_volume_deploy'])
}

/** A deployment interface whose ramdisk is not booted with the machine is no agent's. */
export const agentBase: AgentBase = {
  kind: 'deploy',

  async tearDown(task) {
    const { network } = task.driver
    if (!task.node.disablePowerOff) await task.powerAction('power off')
    await forgetVolumes(task)
    await network.unconfigureTenantNetworks(task)
    // After a deployment that failed its ports are still there.
    await network.removeNetwork(task, 'provisioning')
  },

  async cleanUp(task) {
    const { boot } = task.driver
    if (managesBoot(task)) await boot.cleanUpRamdisk(task)
    await boot.cleanUpInstance(task)
    // A machine that cannot be switched off must not go on running the instance.
    if (task.node.disablePowerOff) await task.powerAction('rebooting')
  },

  takeOver: nothing,
  prepareCleaning: prepareInbandCleaning,
  tearDownCleaning: tearDownInbandCleaning,
  prepareService: prepareInbandService,
  tearDownService: tearDownInbandService,
  refreshSteps: refreshAgentSteps,
  executeStep: (task, step) => executeAgentStep(task, step),
  collectLogs: collectRamdiskLogs,

  async runtimeSteps(task, kind) {
    await Promise.resolve()
    if (kind === 'clean') return cleanSteps(task)
    if (kind === 'service') return agentSteps(task, 'service', null)
    if (kind === 'verify') return []
    // A step of ours stands before the agent's of the same name, which it may use.
    const own = new Set((task.driver.deploy.steps ?? []).map((s) => s.step))
    return agentSteps(task, 'deploy', 'deploy').filter((s) => !own.has(s.step))
  },

  async heartbeat(task) {
    if (task.node.provisionState !== 'rescue wait') return await agentProgress(task)
    await finalizeRescue(task)
    return 'next'
  },
}
