import { InvalidParameterValue } from '../errors.js'
import { strictBool } from './driver-info/fields.js'
import type { Task } from './task.js'

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

/** Whether the ramdisk was heard of lately (`conductor/utils.py`, agent_is_alive). */
export function agentIsAlive(task: Task): boolean {
  const { node } = task
  if (node.powerState === 'power on' && isRecent(task, node.inspectionFinishedAt)) return true
  const inspecting = node.provisionState === 'inspecting' || node.provisionState === 'inspect wait'
  const internal = node.driverInternalInfo ?? {}
  if (!internal['agent_url'] && !inspecting) return false
  return isRecent(task, internal['agent_last_heartbeat'])
}

/** Timestamps without a zone are UTC, as upstream writes them. */
function isRecent(task: Task, at: unknown): boolean {
  const time =
    at instanceof Date
      ? at.getTime()
      : Date.parse(typeof at === 'string' ? `${at.replace(/(Z|[+-]\d\d:\d\d)$/, '')}Z` : '')
  const age = task.ctx.clock.now().getTime() - time
  return age <= task.ctx.config.deploy.fast_track_timeout * 1000
}
