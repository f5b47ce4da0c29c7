import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { deployKeyPlace } from '../../../netboot/scripts/parameters.js'
import { pythonStr } from '../../../python/repr.js'
import type { Task } from '../../interfaces.js'

/** A parameter, its value bare or in quotes; printable ASCII only, and no quote in a bare value. */
const parameter = /^[\w.-]+(=([!#-~]+|"[ !#-~]+"))?$/
const words = /[^ "]+"[^"]*"|[^ ]+/g

/**
 * Whether a text is a kernel command line and nothing more (`common/kernel_parameters.py`): no
 * line ends that would begin another command of the boot program.
 */
export function isKernelCommandLine(text: string): boolean {
  const [line = '', ...rest] = text.trim().split(/ +-- +/)
  if (/[^ -~]/.test(text) || !rest.every(isForInit)) return false
  return (line.match(words) ?? []).every((word) => parameter.test(word))
}

/** What comes after `--` may be any words, but iPXE would begin another command after these. */
const isForInit = (text: string): boolean =>
  /^[ !#-~]+$/.test(text) && !/(?:^| )(?:\|\||&&)(?: |$)/.test(text)

/**
 * Parameters of instance_info, else driver_info, else the configuration's (`usual`)
 * (`driver_utils.get_kernel_append_params`).
 * @throws InvalidParameterValue for what is no command line
 */
export function appendParameters({ node }: Task, usual: string): string {
  const places = { instance_info: node.instanceInfo, driver_info: node.driverInfo }
  for (const [name, place] of Object.entries(places)) {
    const own = place?.['kernel_append_params']
    if (own === undefined || own === null) continue
    const text = pythonStr(own).replaceAll('%default%', usual)
    if (!isKernelCommandLine(text)) {
      throw new InvalidParameterValue(
        `node's ${name}['kernel_append_params'] contains malformed kernel command line`,
      )
    }
    return text
  }
  return usual
}

/**
 * All parameters of a boot (`pxe_utils.build_extra_pxe_options`).
 * @param params what the ramdisk is told; null stands for a parameter without a value
 * @throws InvalidParameterValue
 */
export function bootParameters(task: Task, params: JsonObject): string {
  const own = appendParameters(task, task.ctx.config.pxe.kernel_append_params)
  const debug = task.ctx.config.DEFAULT.debug && !own.includes('ipa-debug')
  const told = Object.entries(params).map(([key, value]) => word(task, key, value))
  const all = [own, ...(debug ? ['ipa-debug=1'] : []), ...told]
    .filter((one) => one !== '')
    .join(' ')
  if (isKernelCommandLine(all)) return all
  throw new InvalidParameterValue(
    'build_extra_pxe_options: ramdisk_params likely contain a malformed kernel parameter.',
  )
}

function word(task: Task, key: string, value: unknown): string {
  if (value === null || value === undefined) return key
  // The plan is shown by the API; the key of the 2015 ramdisk must not be.
  const secret = key === 'deployment_key' && value === task.node.instanceInfo?.['deploy_key']
  return `${key}=${secret ? deployKeyPlace : pythonStr(value)}`
}
