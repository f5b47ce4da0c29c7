/** What the agent on virtual media receives (`redfish/boot.py`, prepare_ramdisk). */
import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { pregenerateToken } from '../../agent/token.js'
import { externalApiUrl } from '../../api-url.js'
import type { Task } from '../../interfaces.js'
import { appendParameters, isKernelCommandLine } from '../network/kernel-parameters.js'

const continueInspection = '/v1/continue_inspection'
const callback = 'ipa-inspection-callback-url'

/**
 * Completes the parameters of a ramdisk.
 * @param carriesToken whether the medium can carry the agent's token
 */
export async function agentParameters(
  task: Task,
  params: JsonObject,
  carriesToken: boolean,
): Promise<JsonObject> {
  const { DEFAULT } = task.ctx.config
  const token = carriesToken ? { 'ipa-agent-token': pregenerateToken(task.node) } : {}
  if (carriesToken) await task.save()
  const mac = await deployMac(task)
  return {
    ...withExternalUrl(task, params),
    ...token,
    ...(mac === null ? {} : { BOOTIF: mac }),
    ...(DEFAULT.debug && !('ipa-debug' in params) ? { 'ipa-debug': '1' } : {}),
    // The agent looks for its configuration on the disc only when it reads this.
    boot_method: 'vmedia',
  }
}

/** The port of the network in which the ramdisk runs, if Neutron made one. */
async function deployMac(task: Task): Promise<string | null> {
  const { network } = task.driver
  if (network.currentVif === undefined) return null
  const port = (await task.ports()).find((one) => network.currentVif?.(task, one))
  return port?.address ?? null
}

/** A ramdisk on virtual media may run in another network, where the API has another address. */
function withExternalUrl({ ctx }: Task, params: JsonObject): JsonObject {
  if (!ctx.config.deploy.external_callback_url) return params
  const url = externalApiUrl(ctx)
  const own = params[callback]
  const ours = typeof own === 'string' && own.endsWith(continueInspection)
  return {
    ...params,
    'ipa-api-url': url,
    ...(ours ? { [callback]: url + continueInspection } : {}),
  }
}

/**
 * The kernel's command line on the disc of the agent.
 * @throws InvalidParameterValue for one that is malformed
 */
export function agentLine(task: Task, params: JsonObject): string {
  const { kernel_append_params: usual } = task.ctx.config.redfish
  return checkedLine([appendParameters(task, usual), ...wordsOf(params)])
}

/** The kernel's command line on the disc of a ramdisk that is the instance. @throws InvalidParameterValue */
export function instanceLine({ node }: Task): string {
  const own = node.instanceInfo?.['ramdisk_kernel_arguments']
  return checkedLine(['root=/dev/ram0', 'text', own === undefined ? '' : pythonStr(own ?? '')])
}

const wordsOf = (params: JsonObject): string[] =>
  Object.entries(params).map(([key, value]) =>
    value === null || value === undefined ? key : `${key}=${pythonStr(value)}`,
  )

function checkedLine(words: readonly string[]): string {
  const line = words
    .filter((word) => word !== '')
    .join(' ')
    .trim()
  if (isKernelCommandLine(line)) return line
  throw new InvalidParameterValue('The parameters of the ramdisk are no kernel command line.')
}
