import type { Task } from '../interfaces.js'
import { parseIpmiInfo } from './driver-info.js'
import type { IpmiEngine } from './engine.js'
import { nativeEngine } from './native.js'
import { ipmitoolEngine } from './program.js'

/**
 * The engine of `[ferric] ipmi_engine`. IPMI 1.5 is left to `ipmitool`.
 * @throws InvalidParameterValue, MissingParameterValue
 */
export function ipmiEngine(task: Task): IpmiEngine {
  const info = parseIpmiInfo(task.node)
  const external = task.ctx.config.ferric.ipmi_engine === 'ipmitool'
  if (external || info.protocolVersion === '1.5') return ipmitoolEngine(task, info)
  return nativeEngine(task, info)
}
