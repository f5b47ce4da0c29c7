import { InvalidParameterValue, UnsupportedDriverExtension } from '../../errors.js'
import { requestedBootMode, wantsSecureBoot } from '../driver-info/boot-mode.js'
import { setInfo } from '../internal-info.js'
import { unsupported } from '../support.js'
import type { Task } from '../interfaces.js'

/**
 * Brings the machine's boot mode and the node's wish together
 * (`boot_mode_utils.sync_boot_mode`). What neither says is `[deploy] default_boot_mode`.
 * @throws InvalidParameterValue, UnsupportedDriverExtension when the machine is in another mode than
 *   asked for and cannot be changed
 */
export async function syncBootMode(task: Task): Promise<void> {
  const { node, ctx } = task
  const wanted = requestedBootMode(node)
  const actual = await actualBootMode(task)
  if (wanted === null) {
    const mode = actual ?? ctx.config.deploy.default_boot_mode
    setInfo(node, { deploy_boot_mode: mode })
    await task.save()
    if (actual === null) await setBootMode(task, mode, false)
  } else if (wanted !== actual) {
    await setBootMode(task, wanted, actual !== null)
  }
}

async function actualBootMode(task: Task): Promise<string | null> {
  try {
    return (await task.driver.management.getBootMode?.(task)) ?? null
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) return null
    throw error
  }
}

async function setBootMode(task: Task, mode: string, must: boolean): Promise<void> {
  const { node } = task
  try {
    await changeBootMode(task, mode)
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) {
      if (!must) return
      error.message = `Baremetal node ${node.uuid} boot mode is not set to boot mode ${mode}: ${error.message}`
    } else if (error instanceof InvalidParameterValue) {
      throw new InvalidParameterValue(
        `Node ${node.uuid} boot mode is not set. Attempt to set ${mode} boot mode on the baremetal node failed with error ${error.message}`,
        error,
      )
    }
    throw error
  }
}

/** @throws UnsupportedDriverExtension, InvalidParameterValue, what the management throws */
async function changeBootMode(task: Task, mode: string): Promise<void> {
  const { node, driver } = task
  const { management } = driver
  if (node.provisionState === 'adopting') return
  await management.validate(task)
  const modes = (await management.supportedBootModes?.(task)) ?? []
  if (modes.length > 0 && !modes.includes(mode)) {
    throw new InvalidParameterValue(
      `Unsupported boot mode ${mode} specified for node ${node.uuid}. Supported boot modes are: ${modes.join(', ')}`,
    )
  }
  if (management.setBootMode === undefined) throw unsupported(task, 'set_boot_mode')
  await management.setBootMode(task, mode)
  node.bootMode = mode
  await task.save()
}

/**
 * Switches secure boot as the instance wishes: on before it boots, off after it is gone. Hardware
 * that cannot is left as it is.
 */
export async function switchSecureBoot(task: Task, state: boolean): Promise<void> {
  const { node, driver, ctx } = task
  if (!wantsSecureBoot(node)) return
  try {
    if (driver.management.setSecureBootState === undefined) {
      throw unsupported(task, 'set_secure_boot_state')
    }
    await driver.management.setSecureBootState(task, state)
    node.secureBoot = state
    await task.save()
  } catch (error) {
    if (!(error instanceof UnsupportedDriverExtension)) throw error
    ctx.log.boot.warn(
      { node: node.uuid },
      'secure boot was asked for, but the hardware cannot switch it',
    )
  }
}
