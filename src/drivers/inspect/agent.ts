import { HardwareInspectionFailure } from '../errors.js'
import type { InspectInterface } from '../interfaces.js'
import {
  bootInspection,
  createKnownPorts,
  managesInspectionBoot,
  noteBmcAddresses,
  tearDownInspection,
} from './managed-boot.js'

/**
 * Inspection by the agent's ramdisk (`drivers/modules/inspector/agent.py`). What the ramdisk finds
 * comes to `/v1/continue_inspection` and goes through the hooks.
 */
export const agentInspect: InspectInterface = {
  name: 'agent',
  kind: 'inspect',
  usesHooks: true,
  properties: {},

  async validate(task) {
    if (task.ctx.config.inspector.require_managed_boot) await managesInspectionBoot(task, true)
  },

  async inspectHardware(task) {
    await createKnownPorts(task)
    const required = task.ctx.config.inspector.require_managed_boot
    const manage = await managesInspectionBoot(task, required)
    await noteBmcAddresses(task)
    await bootInspection(task, manage)
    return 'inspect wait'
  },

  async abort(task) {
    const errors = await tearDownInspection(task, { alwaysOff: true })
    if (errors.length === 0) return
    throw new HardwareInspectionFailure(`Inspection clean up failed: ${errors.join(', ')}`)
  },
}
