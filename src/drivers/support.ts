import { UnsupportedDriverExtension } from '../errors.js'
import type { Task } from './interfaces.js'

/**
 * The error of an operation that the node's implementation does not have.
 * @param extension upstream's name of the operation, such as `set_boot_mode`
 */
export const unsupported = (task: Task, extension: string): UnsupportedDriverExtension =>
  new UnsupportedDriverExtension(task.node.driver ?? 'None', extension)

/** A method that always raises `unsupported`: what the `no-*` implementations are made of. */
export const refuse =
  (extension: string) =>
  async (task: Task): Promise<never> => {
    await Promise.resolve()
    throw unsupported(task, extension)
  }

/** A method that has nothing to do. */
export const nothing = async (): Promise<void> => {}
