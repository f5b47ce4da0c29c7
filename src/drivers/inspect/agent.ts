import type { InspectInterface } from '../interfaces.js'
import { refuse, unsupported } from '../support.js'

/** Inspection by the agent's ramdisk (`drivers/modules/inspector/agent.py`). */
export const agentInspect: InspectInterface = {
  name: 'agent',
  kind: 'inspect',
  usesHooks: true,
  properties: {},
  async validate(task) {
    if (!task.ctx.config.inspector.require_managed_boot) return
    for (const part of [task.driver.boot, task.driver.network]) {
      if (part.validateInspection === undefined) throw unsupported(task, 'validate_inspection')
      await part.validateInspection(task)
    }
  },
  inspectHardware: refuse('inspect_hardware'),
}
