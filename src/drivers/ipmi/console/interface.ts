import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info.js'
import type { ConsoleInterface, Task } from '../../interfaces.js'
import { infoOf, setInfo } from '../../internal-info.js'
import { serveTcpConsole } from './server.js'
import { serveWebConsole } from './web.js'
import { consoleAddress, startServing, stopServing } from './consoles.js'

const properties = {
  ...ipmiProperties,
  ipmi_terminal_port: "node's UDP port to connect to. Only required for console access.",
}

function needsProtocol20(task: Task): void {
  if (parseIpmiInfo(task.node).protocolVersion === '2.0') return
  throw new InvalidParameterValue(
    "Serial over lan only works with IPMI protocol version 2.0. Check the 'ipmi_protocol_version' parameter in node's driver_info",
  )
}

/** Serial over LAN behind a TCP port (`drivers/modules/ipmitool.py`). */
export const ipmitoolSocatConsole: ConsoleInterface = {
  name: 'ipmitool-socat',
  kind: 'console',
  properties,
  async validate(task) {
    await Promise.resolve()
    const info = parseIpmiInfo(task.node)
    if (info.terminalPort === null && task.ctx.config.console.port_range === null) {
      throw new MissingParameterValue(
        "Either missing 'ipmi_terminal_port' parameter in node's driver_info or [console]port_range is not configured",
      )
    }
    needsProtocol20(task)
  },
  async startConsole(task) {
    await startServing(task, serveTcpConsole)
  },
  stopConsole: stopServing,
  async getConsole(task) {
    await Promise.resolve()
    return { type: 'socat', url: `tcp://${consoleAddress(task)}` }
  },
}

const pathKey = 'ferric_console_path'

/** The console of the drivers of 2015: a web page (Liberty's shellinabox). */
export const ipmitoolShellinaboxConsole: ConsoleInterface = {
  name: 'ipmitool-shellinabox',
  kind: 'console',
  properties,
  async validate(task) {
    await Promise.resolve()
    if (parseIpmiInfo(task.node).terminalPort === null) {
      throw new MissingParameterValue(
        "Missing 'ipmi_terminal_port' parameter in node's driver_info.",
      )
    }
    needsProtocol20(task)
  },
  async startConsole(task) {
    const { path } = await startServing(task, serveWebConsole)
    setInfo(task.node, { [pathKey]: path })
    await task.save()
  },
  stopConsole: stopServing,
  async getConsole(task) {
    await Promise.resolve()
    const path = infoOf(task.node)[pathKey]
    const where = `http://${consoleAddress(task)}`
    return { type: 'shellinabox', url: typeof path === 'string' ? `${where}${path}` : where }
  },
}
