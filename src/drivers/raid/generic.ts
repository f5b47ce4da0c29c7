import type { JsonObject } from '../../db/columns.js'
import type { Task } from '../interfaces.js'
import { validateRaidConfiguration } from './validate.js'

/** What every RAID interface checks unless it knows better (upstream's base class). */
export const genericRaid = {
  async validate(task: Task): Promise<void> {
    await Promise.resolve()
    const target = task.node.targetRaidConfig
    if (target !== null && Object.keys(target).length > 0) validateRaidConfiguration(target)
  },
  async validateRaidConfig(_task: Task, config: JsonObject): Promise<void> {
    await Promise.resolve()
    validateRaidConfiguration(config)
  },
}
