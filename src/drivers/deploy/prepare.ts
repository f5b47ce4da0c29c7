import { and, eq } from 'drizzle-orm'
import { volumeTargets } from '../../db/schema/index.js'
import { IronicError } from '../../errors.js'
import { prepareAgentBoot } from '../agent/boot.js'
import { isFastTrack } from '../agent/alive.js'
import { nodeCapabilities } from '../driver-info/capabilities.js'
import { setInfo } from '../internal-info.js'
import type { Task } from '../interfaces.js'

const taken = new Set(['active', 'unrescuing', 'adopting'])
const rescued = new Set(['rescuing', 'rescue wait', 'rescue', 'rescue failed'])

/**
 * Gets a machine ready to boot the agent, or, at a take-over, its instance
 * (`CustomAgentDeploy.prepare`).
 * @param noteImage puts into `instance_info` what the agent must know of the image
 */
export async function prepareAgentDeploy(
  task: Task,
  noteImage: (task: Task) => Promise<void>,
): Promise<void> {
  const { node, driver, ctx } = task
  await noteBootVolume(task)
  if (node.provisionState === 'deploying') {
    if ((await prepareMachine(task, noteImage)) === 'ready') return
  }
  if (taken.has(node.provisionState)) return await driver.boot.prepareInstance(task)
  if (!rescued.has(node.provisionState)) await noteImage(task)
  if (ctx.config.agent.manage_agent_boot) await prepareAgentBoot(task)
}

/** @returns ready: there is no ramdisk to be booted */
async function prepareMachine(
  task: Task,
  noteImage: (task: Task) => Promise<void>,
): Promise<'ready' | 'boot'> {
  const { network, storage } = task.driver
  await network.validate(task)
  const runs = await isFastTrack(task)
  if (!runs && !task.node.disablePowerOff) await task.powerAction('power off')
  const writes = await storage.shouldWriteImage(task)
  if (writes) {
    // At a rebuild the tenant's networks are still there.
    await network.unconfigureTenantNetworks(task)
    await network.addNetwork(task, 'provisioning')
    if (runs) await noteImage(task)
  }
  await storage.attachVolumes(task)
  return runs || !writes ? 'ready' : 'boot'
}

/**
 * Notes the volume the machine boots from, if there is one
 * (`deploy_utils.populate_storage_driver_internal_info`).
 * @throws IronicError when the machine cannot boot from such a volume
 */
export async function noteBootVolume(task: Task): Promise<void> {
  const { node, driver } = task
  const [volume] = await task.ctx.db.orm
    .select({ uuid: volumeTargets.uuid, type: volumeTargets.volumeType })
    .from(volumeTargets)
    .where(and(eq(volumeTargets.nodeId, node.id), eq(volumeTargets.bootIndex, 0)))
    .limit(1)
  if (volume === undefined) return
  const type = String(volume.type).toLowerCase()
  const named = {
    iscsi: ['an iSCSI', 'iSCSI'],
    fibre_channel: ['a Fibre Channel', 'Fibre Channel'],
  }
  const names = named[type as keyof typeof named]
  if (
    names !== undefined &&
    !(`${type === 'iscsi' ? 'iscsi' : 'fibre_channel'}_boot` in nodeCapabilities(node))
  ) {
    throw new IronicError(
      `Node ${node.uuid} has ${names[0]} boot volume defined and no ${names[1]} boot support available.`,
    )
  }
  if (driver.boot.capabilities.includes(`${type}_volume_boot`)) {
    setInfo(node, { boot_from_volume: volume.uuid })
  }
}
