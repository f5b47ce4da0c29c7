import type { Config } from '../../config/index.js'
import { MissingParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import type { Task } from '../interfaces.js'
import { isTruthy, requireParams } from './fields.js'

export type RamdiskMode = 'deploy' | 'rescue'

/** Kernel and ramdisk of the agent, null where nothing names one. */
export interface RamdiskImages {
  readonly kernel: string | null
  readonly ramdisk: string | null
}

/**
 * The agent's kernel and ramdisk: of the node, else by its architecture, else the configured
 * ones (`drivers/utils.py`, get_agent_kernel_ramdisk).
 * @throws MissingParameterValue when one is named without the other and the configuration
 *   makes that an error
 */
export function agentKernelRamdisk(task: Task, mode: RamdiskMode): RamdiskImages {
  const { conductor } = task.ctx.config
  return (
    ofNode(task, mode) ??
    byArchitecture(task, mode) ?? {
      kernel: conductor[`${mode}_kernel`],
      ramdisk: conductor[`${mode}_ramdisk`],
    }
  )
}

function ofNode(task: Task, mode: RamdiskMode): RamdiskImages | null {
  const info = task.node.driverInfo ?? {}
  const names = [`${mode}_kernel`, `${mode}_ramdisk`] as const
  const set = names.filter((name) => isTruthy(info[name]))
  if (set.length === 2) {
    return { kernel: pythonStr(info[names[0]]), ramdisk: pythonStr(info[names[1]]) }
  }
  if (set[0] !== undefined) {
    const { uuid } = task.node
    ambiguous(
      task,
      `Node ${uuid} driver_info has an override for ${set[0]}, but not for ${other(names, set[0])}. This configuration is ambiguous. Node ${uuid} cannot boot a ramdisk.`,
    )
  }
  return null
}

function byArchitecture(task: Task, mode: RamdiskMode): RamdiskImages | null {
  const arch = task.node.properties?.['cpu_arch']
  if (typeof arch !== 'string' || arch === '') return null
  const { conductor } = task.ctx.config
  const names = [`${mode}_kernel_by_arch`, `${mode}_ramdisk_by_arch`] as const
  const [kernel, ramdisk] = [conductor[names[0]][arch], conductor[names[1]][arch]]
  if (kernel && ramdisk) return { kernel, ramdisk }
  if (kernel || ramdisk) {
    const set = kernel && !ramdisk ? names[0] : names[1]
    ambiguous(
      task,
      `CONF.conductor.${set} has a value for ${arch} servers, but doesn't have one in CONF.conductor.${other(names, set)}. This configuration is ambiguous. Node ${task.node.uuid} cannot boot a ramdisk.`,
    )
  }
  return null
}

const other = (names: readonly [string, string], name: string): string =>
  name === names[0] ? names[1] : names[0]

function ambiguous(task: Task, message: string): void {
  if (task.ctx.config.conductor.error_on_ramdisk_config_inconsistency) {
    throw new MissingParameterValue(message)
  }
  task.ctx.log.boot.warn({ node: task.node.uuid }, message)
}

/** Whether automated cleaning will not run on the node (`conductor/utils.py`). */
export const skipsAutomatedCleaning = (node: Task['node'], config: Config): boolean =>
  !(node.automatedClean ?? config.conductor.automated_clean)

/**
 * Checks that the network boot has a ramdisk to boot. A ramdisk deployment needs none, unless
 * the node will be cleaned.
 * @throws MissingParameterValue (`common/pxe_utils.py`, parse_driver_info)
 */
export function requireRamdisk(task: Task, mode: RamdiskMode): void {
  const { node, ctx } = task
  const direct = mode === 'deploy' && task.driver.deploy.name === 'ramdisk'
  if (direct && skipsAutomatedCleaning(node, ctx.config)) return
  const { kernel, ramdisk } = agentKernelRamdisk(task, mode)
  requireParams(
    { [`${mode}_kernel`]: kernel, [`${mode}_ramdisk`]: ramdisk },
    "Cannot validate PXE bootloader. Some parameters were missing in node's driver_info and configuration",
  )
}
