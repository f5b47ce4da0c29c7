import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info/ipmi.js'
import type { ConsoleInterface } from '../interfaces.js'
import { refuse } from '../support.js'

/** Serial over LAN behind a TCP port (`drivers/modules/ipmitool.py`). */
export const ipmitoolSocatConsole: ConsoleInterface = {
  name: 'ipmitool-socat',
  kind: 'console',
  properties: {
    ...ipmiProperties,
    ipmi_terminal_port: "node's UDP port to connect to. Only required for console access.",
  },
  async validate(task) {
    await Promise.resolve()
    const info = parseIpmiInfo(task.node)
    if (info.terminalPort === null && task.ctx.config.console.port_range === null) {
      throw new MissingParameterValue(
        "Either missing 'ipmi_terminal_port' parameter in node's driver_info or [console]port_range is not configured",
      )
    }
    if (info.protocolVersion !== '2.0') {
      throw new InvalidParameterValue(
        "Serial over lan only works with IPMI protocol version 2.0. Check the 'ipmi_protocol_version' parameter in node's driver_info",
      )
    }
  },
  startConsole: refuse('start_console'),
  stopConsole: refuse('stop_console'),
  getConsole: refuse('get_console'),
}
