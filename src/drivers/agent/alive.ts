import { InvalidParameterValue } from '../../errors.js'
import { strictBool } from '../driver-info/fields.js'
import { infoOf } from '../internal-info.js'
import type { Task } from '../interfaces.js'

/**
 * Whether a node may be worked on while its ramdisk is already running.
 * @throws InvalidParameterValue when `driver_info.fast_track` is no truth value
 */
export function fastTrackEnabled(task: Task): boolean {
  const own = task.node.driverInfo?.['fast_track']
  if (own === undefined || own === null) return task.ctx.config.deploy.fast_track
  return strictBool(
    own,
    (text) => new InvalidParameterValue(`Invalid value of fast_track: ${text}`),
  )
}

/**
 * Whether the ramdisk was heard of lately (`conductor/utils.py`, agent_is_alive), and since the
 * machine was last switched: upstream takes the instance that runs since then for the ramdisk.
 */
export function agentIsAlive(task: Task): boolean {
  const { node } = task
  if (node.powerState === 'power on' && isRecent(task, node.inspectionFinishedAt)) return true
  const inspecting = node.provisionState === 'inspecting' || node.provisionState === 'inspect wait'
  const internal = node.driverInternalInfo ?? {}
  if (!internal['agent_url'] && !inspecting) return false
  return isRecent(task, internal['agent_last_heartbeat'])
}

function isRecent({ ctx, node }: Task, at: unknown): boolean {
  const [heard, switched] = [timeOf(at), timeOf(infoOf(node)['last_power_state_change'])]
  if (switched >= heard) return false
  return ctx.clock.now().getTime() - heard <= ctx.config.deploy.fast_track_timeout * 1000
}

/** Timestamps without a zone are UTC, as upstream writes them. @returns milliseconds, or NaN */
export function timeOf(at: unknown): number {
  if (at instanceof Date) return at.getTime()
  return Date.parse(typeof at === 'string' ? `${at.replace(/(Z|[+-]\d\d:\d\d)$/, '')}Z` : '')
}

const servicing = new Set(['servicing', 'service wait', 'service failed', 'service hold'])

/** Whether the ramdisk that runs could be used on: asked for on the node, and nothing failed. */
export function fastTrackAble(task: Task): boolean {
  const { node } = task
  const info = infoOf(node)
  return (
    fastTrackEnabled(task) &&
    node.lastError === null &&
    !servicing.has(node.provisionState) &&
    !info['redfish_fw_updates'] &&
    !info['firmware_updates']
  )
}

/**
 * Whether the ramdisk that runs is used on, without a reboot (`conductor/utils.py`, is_fast_track).
 * @throws what reading the power state throws
 */
export async function isFastTrack(task: Task): Promise<boolean> {
  if (!fastTrackAble(task)) return false
  return (await task.driver.power.getPowerState(task)) === 'power on' && agentIsAlive(task)
}
