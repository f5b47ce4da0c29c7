import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import type { ImageAccess } from '../../../protocols/redfish/resources/virtual-media.js'
import { placeOf, type Transport } from '../../boot/media/publish.js'
import { isTruthy } from '../../driver-info/fields.js'
import { setInfo } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'
import { mediaTransports } from './virtual-media.js'

/** How the BMC fetches discs: `driver_info.vmedia_transport_protocol` (`redfish/boot.py`). */

const transports: readonly string[] = ['HTTP', 'HTTPS', 'NFS', 'CIFS', 'SMB'] satisfies Transport[]

const isTransport = (name: string): name is Transport => transports.includes(name)

/**
 * The protocol the operator chose for the node, or null.
 * @throws InvalidParameterValue for an unknown one, or a share that is not configured
 */
export function requestedTransport(task: Task): Transport | null {
  const own = task.node.driverInfo?.['vmedia_transport_protocol']
  if (!isTruthy(own)) return null
  const name = pythonStr(own).toUpperCase()
  if (!isTransport(name)) {
    throw new InvalidParameterValue(
      `Invalid vmedia_transport_protocol ${name} of node ${task.node.uuid}. Valid values are: ${transports.join(', ')}.`,
    )
  }
  if (name !== 'HTTP' && name !== 'HTTPS') placeOf(task, name)
  return name
}

export interface ChosenTransport {
  readonly transport: Transport
  readonly access: ImageAccess
}

/**
 * Chooses the protocol, checks that the BMC supports it, and notes it with the node.
 * @throws InvalidParameterValue, RedfishError, RedfishConnectionError
 */
export async function chooseTransport(task: Task): Promise<ChosenTransport> {
  const requested = requestedTransport(task)
  const transport = requested ?? 'HTTP'
  if (requested !== null) {
    const supported = [...new Set([...(await mediaTransports(task)), 'HTTP'])].toSorted()
    if (!supported.includes(requested)) {
      throw new InvalidParameterValue(
        `Node ${task.node.uuid} requested transport protocol ${requested} via driver_info, but BMC only supports ${supported.join(', ')}.`,
      )
    }
  }
  setInfo(task.node, { vmedia_transport_protocol: transport })
  await task.save()
  return { transport, access: { ...accountOf(task, transport), ...named(requested) } }
}

const named = (requested: Transport | null): ImageAccess =>
  requested === null ? {} : { transferProtocol: requested }

function accountOf({ ctx }: Task, transport: Transport): ImageAccess {
  if (transport !== 'CIFS' && transport !== 'SMB') return {}
  const { username, password } = ctx.config.cifs
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) }
}
