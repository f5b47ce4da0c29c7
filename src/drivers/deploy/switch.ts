import type { Task } from '../interfaces.js'

const original = 'original_deploy_interface'

/** Puts another deploy interface in the node's place of its own until `restoreDeployInterface`. */
export async function switchDeployInterface(task: Task, name: string): Promise<void> {
  const { node } = task
  node.driverInternalInfo = { ...node.driverInternalInfo, [original]: node.deployInterface }
  node.deployInterface = name
  await task.save()
  task.resetDriver()
}

/** Gives the node its own deploy interface back, if it was switched. */
export async function restoreDeployInterface(task: Task): Promise<void> {
  const { [original]: own, ...rest } = task.node.driverInternalInfo ?? {}
  if (typeof own !== 'string') return
  task.node.deployInterface = own
  task.node.driverInternalInfo = rest
  await task.save()
  task.resetDriver()
}
