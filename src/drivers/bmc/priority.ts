import type { Priority } from '../../protocols/bmc/work.js'
import type { Task } from '../interfaces.js'

/** How urgent what a task asks of a BMC is: changes first, then what a client waits for, then polls. */
export function priorityOf(task: Pick<Task, 'shared' | 'unattended'>): Priority {
  if (!task.shared) return 'verb'
  return task.unattended ? 'poll' : 'request'
}
