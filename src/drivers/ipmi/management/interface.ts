import { InvalidParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { ipmiProperties, parseIpmiInfo } from '../driver-info.js'
import type { ManagementInterface, StepDefinition, Task } from '../../interfaces.js'
import { getBootDevice, ipmiBootDevices, setBootDevice } from './boot-flags.js'
import { ipmiEngine } from '../choose-engine.js'
import { FailedToGetSensorData, FailedToParseSensorData, IPMIFailure } from '../errors.js'
import type { JsonObject } from '../../../db/columns.js'

/** @throws FailedToGetSensorData, FailedToParseSensorData */
async function sensorsOf(task: Task): Promise<JsonObject> {
  const engine = ipmiEngine(task)
  let sensors: JsonObject
  try {
    sensors = await engine.sensors()
  } catch (error) {
    if (!(error instanceof IPMIFailure)) throw error
    throw new FailedToGetSensorData(task.node.uuid, error.message, error)
  }
  if (Object.keys(sensors).length > 0) return sensors
  throw new FailedToParseSensorData(task.node.uuid, 'no sensor has a reading')
}

/** Management by IPMI (`drivers/modules/ipmitool.py`). */
export const ipmitoolManagement: ManagementInterface = {
  name: 'ipmitool',
  kind: 'management',
  properties: ipmiProperties,
  async validate(task) {
    await Promise.resolve()
    parseIpmiInfo(task.node)
  },
  supportedBootDevices: () => Promise.resolve([...ipmiBootDevices]),
  setBootDevice,
  getBootDevice,
  getSensorsData: sensorsOf,
  async detectVendor(task) {
    return await ipmiEngine(task).vendor()
  },
  async injectNmi(task) {
    await ipmiEngine(task).control('diag')
  },
}

const speedSelectLevels = ['0x00', '0x01', '0x02']

/** Sets the Speed Select profile of every socket (`drivers/modules/intel_ipmi/management.py`). */
async function configureSpeedSelect(task: Task, args: JsonObject): Promise<undefined> {
  const level = pythonStr(args['intel_speedselect_config'] ?? null)
  const given = args['socket_count'] ?? 1
  if (!speedSelectLevels.includes(level)) {
    throw new InvalidParameterValue(
      `Invalid Intel SST-PP configuration value ${level} specified. Valid values are ['0x00', '0x01', '0x02'].`,
    )
  }
  const sockets = /^\d+$/.test(pythonStr(given)) ? Number(given) : 0
  if (sockets <= 0) {
    throw new InvalidParameterValue(
      `Invalid number of socket ${pythonStr(given)} value specified. Expected a positive integer.`,
    )
  }
  for (let socket = 0; socket < sockets; socket += 1) await setLevel(task, socket, level)
  return undefined
}

async function setLevel(task: Task, socket: number, level: string): Promise<void> {
  try {
    await ipmiEngine(task).raw(`0x2c 0x41 0x04 0x00 0x0${socket} ${level}`, true)
  } catch (error) {
    if (!(error instanceof IPMIFailure)) throw error
    throw new IPMIFailure(
      `Failed to set Intel SST-PP configuration level ${level} on socket number ${socket} due to reason ${error.message}`,
      undefined,
      error,
    )
  }
}

const speedSelectStep: StepDefinition = {
  step: 'configure_intel_speedselect',
  kind: 'deploy',
  priority: 200,
  argsinfo: {
    intel_speedselect_config: {
      description:
        'Hexadecimal code of Intel SST-PP configuration provided. Input value should be string. Accepted values are 0x00, 0x01, 0x02.',
      required: true,
    },
    socket_count: {
      description: 'Number of sockets. Input value should be a positive integer.',
    },
  },
  run: configureSpeedSelect,
}

/** The same for Intel's machines. */
export const intelIpmitoolManagement: ManagementInterface = {
  ...ipmitoolManagement,
  name: 'intel-ipmitool',
  steps: [speedSelectStep],
}
